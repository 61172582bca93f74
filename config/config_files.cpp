#include "config/config_files.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace config {

namespace {

namespace fs = std::filesystem;

// Files of a directory whose names fit, in lexical order; none when there is no such directory.
std::vector<std::string> files_in(const fs::path& directory, const std::string& pattern) {
    std::vector<std::string> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, error))
        if (::fnmatch(pattern.c_str(), entry.path().filename().c_str(), FNM_PERIOD) == 0 && !entry.is_directory())
            files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<std::string> named(const std::string& name) {
    if (fs::is_directory(name))
        return files_in(name, "*.conf");
    const fs::path path(name);
    return files_in(path.has_parent_path() ? path.parent_path() : fs::path("."), path.filename().string());
}

} // namespace

std::vector<std::string> config_files(const std::string& main_file, const Environment& environment,
                                      std::vector<std::string>& warnings) {
    std::vector<std::string> files;
    fs::path main(main_file);
    if (!main_file.empty()) {
        files.push_back(main_file);
    } else if (const auto named_file = environment("RABBITMQ_CONFIG_FILE")) {
        main = *named_file;
        if (!fs::is_regular_file(main))
            main += ".conf";
        if (fs::is_regular_file(main))
            files.push_back(main.string());
        else
            warnings.push_back("RABBITMQ_CONFIG_FILE=" + *named_file + ": there is no such file");
    }
    std::vector<std::string> more;
    if (const auto several = environment("RABBITMQ_CONFIG_FILES"))
        more = named(*several);
    else if (!main.empty())
        more = files_in(main.parent_path() / "conf.d", "*.conf");
    files.insert(files.end(), more.begin(), more.end());
    return files;
}

} // namespace config
