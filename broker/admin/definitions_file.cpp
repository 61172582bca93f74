#include "broker/admin/definitions_file.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/definitions_import.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

namespace broker {
namespace {

namespace filesystem = std::filesystem;

[[noreturn]] void refuse(const std::string& file, const std::string& reason) {
    throw std::runtime_error("load_definitions: " + file + ": " + reason);
}

std::vector<std::string> files_of(const std::string& path) {
    std::error_code error;
    if (!filesystem::is_directory(path, error)) {
        return {path};
    }
    std::vector<std::string> files;
    for (filesystem::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->is_regular_file(error) && entry->path().extension() == ".json") {
            files.push_back(entry->path().string());
        }
    }
    if (error) {
        refuse(path, error.message());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string contents_of(const std::string& file) {
    std::error_code error;
    if (!filesystem::is_regular_file(file, error)) {
        refuse(file, error ? error.message() : "not a file");
    }
    std::ifstream stream(file, std::ios::binary);
    std::string contents((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream) {
        refuse(file, "cannot be read");
    }
    return contents;
}

void load_file(Node& node, const std::string& file) {
    const std::string contents = contents_of(file);
    const auto body = decode_body(contents);
    if (!body) {
        refuse(file, body.error().text == "not_json" ? "is not a JSON object" : body.error().text);
    }
    auto definitions = read_definitions(*body, std::nullopt);
    if (!definitions) {
        refuse(file, definitions.error().text);
    }
    const HttpOptions options;
    Api api{node, options};
    auto nobody = std::make_shared<User>();
    nobody->name = internal_actor;
    amqp::Result<> result;
    std::exception_ptr failure;
    boost::asio::co_spawn(*api.io, import_definitions(api, std::move(nobody), std::move(*definitions)),
                          [&](std::exception_ptr thrown, amqp::Result<> imported) {
                              failure = thrown;
                              result = std::move(imported);
                          });
    api.io->run();
    if (failure) {
        std::rethrow_exception(failure);
    }
    if (!result) {
        refuse(file, result.error().text);
    }
}

} // namespace

void load_definitions(Node& node, const std::string& path) {
    for (const std::string& file : files_of(path)) {
        load_file(node, file);
    }
}

} // namespace broker
