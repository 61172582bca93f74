#include "config/config_files.hpp"
#include "tests/unit/config/support.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace config;
namespace fs = std::filesystem;

namespace {

// A directory with empty files, gone when the test ends.
class Directory {
 public:
    explicit Directory(const std::vector<std::string>& files) {
        REQUIRE(mkdtemp(path_.data()) != nullptr);
        for (const std::string& file : files) {
            fs::create_directories((fs::path(path_) / file).parent_path());
            std::ofstream(fs::path(path_) / file) << "heartbeat = 1\n";
        }
    }
    ~Directory() { fs::remove_all(path_); }

    std::string operator/(const std::string& file) const { return path_ + "/" + file; }
    // Without the directory's own name.
    std::vector<std::string> files(const std::string& main, std::map<std::string, std::string> variables = {}) const {
        std::vector<std::string> warnings;
        auto found = config_files(main, environment_of(std::move(variables)), warnings);
        for (std::string& file : found) {
            file = file.substr(path_.size() + 1);
        }
        for (const std::string& warning : warnings) {
            found.push_back("warning: " + warning.substr(warning.rfind('/') + 1));
        }
        return found;
    }

 private:
    std::string path_ = (fs::temp_directory_path() / "leveret-config-XXXXXX").string();
};

using Files = std::vector<std::string>;

} // namespace

TEST_CASE("config files: conf.d beside the main file comes after it, in lexical order", "[config]") {
    const Directory directory(
        {"rabbitmq.conf", "conf.d/20-b.conf", "conf.d/10-a.conf", "conf.d/notes.txt", "conf.d/.hidden.conf"});
    CHECK(directory.files(directory / "rabbitmq.conf") ==
          Files{"rabbitmq.conf", "conf.d/10-a.conf", "conf.d/20-b.conf"});
    CHECK(directory.files("").empty());
}

TEST_CASE("config files: RABBITMQ_CONFIG_FILE is the main file, which may be missing", "[config]") {
    const Directory directory({"rabbitmq.conf", "conf.d/10.conf"});
    CHECK(directory.files("", {{"RABBITMQ_CONFIG_FILE", directory / "rabbitmq"}}) ==
          Files{"rabbitmq.conf", "conf.d/10.conf"});
    CHECK(directory.files("", {{"RABBITMQ_CONFIG_FILE", directory / "other"}}) ==
          Files{"conf.d/10.conf", "warning: other: there is no such file"});
}

TEST_CASE("config files: RABBITMQ_CONFIG_FILES takes the place of conf.d", "[config]") {
    const Directory directory({"a.conf", "conf.d/10.conf", "more/2.conf", "more/1.conf", "more/x.txt"});
    const std::string main = directory / "a.conf";
    CHECK(directory.files(main, {{"RABBITMQ_CONFIG_FILES", directory / "more"}}) ==
          Files{"a.conf", "more/1.conf", "more/2.conf"});
    CHECK(directory.files(main, {{"RABBITMQ_CONFIG_FILES", directory / "more/*.txt"}}) ==
          Files{"a.conf", "more/x.txt"});
    CHECK(directory.files(main, {{"RABBITMQ_CONFIG_FILES", directory / "more/2.conf"}}) ==
          Files{"a.conf", "more/2.conf"});
    CHECK(directory.files(main, {{"RABBITMQ_CONFIG_FILES", directory / "none"}}) == Files{"a.conf"});
}
