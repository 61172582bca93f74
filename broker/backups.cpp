#include "broker/backups.hpp"

#include <boost/asio/post.hpp>
#include <fmt/chrono.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

namespace broker {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_name_size = 128;
constexpr std::string_view unfinished = ".unfinished";

// A name and nothing else: no way out of the directory.
bool is_backup_name(std::string_view name) {
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return !name.empty() && name.size() <= max_name_size && name.front() != '.' && !name.ends_with(unfinished) &&
           name.find_first_not_of(allowed) == std::string_view::npos;
}

std::string name_of_now() {
    return fmt::format("{:%Y-%m-%dT%H-%M-%SZ}", fmt::gmtime(std::time(nullptr)));
}

Backup describe(const fs::path& path) {
    Backup backup{path.filename().string(), path.string(), 0, {}};
    std::error_code error;
    for (const auto& file : fs::recursive_directory_iterator(path, error)) {
        const auto size = file.is_regular_file(error) ? file.file_size(error) : 0;
        backup.bytes += error ? 0 : size;
    }
    const auto made = fs::last_write_time(path / "sentinel", error);
    backup.made_at = std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now() + (made - fs::file_time_type::clock::now()));
    return backup;
}

amqp::Result<Backup> copy(storage::LocalStore& store, const fs::path& path) {
    if (fs::exists(path)) {
        return amqp::precondition_failed(fmt::format("there is a backup '{}' already", path.filename().string()));
    }
    if (const auto copied = store.copy_to(path); !copied) {
        spdlog::error("backup {}: {}", path.string(), copied.error().text);
        return copied.error();
    }
    Backup backup = describe(path);
    spdlog::info("backup {} made, {} octets", backup.path, backup.bytes);
    return backup;
}

} // namespace

void Backups::make(storage::LocalStore& store, std::string name, std::function<void(amqp::Result<Backup>)> done) {
    if (name.empty()) {
        name = name_of_now();
    }
    if (!is_backup_name(name)) {
        return done(amqp::precondition_failed(
            "a backup has a name of at most 128 letters, digits, '.', '_' and '-', which does not begin with '.'"));
    }
    boost::asio::post(thread_, [this, &store, name = std::move(name), done = std::move(done)] {
        done(copy(store, directory_ / name));
    });
}

void Backups::list(std::function<void(std::vector<Backup>)> done) {
    boost::asio::post(thread_, [this, done = std::move(done)] {
        std::vector<Backup> backups;
        std::error_code none;
        for (const auto& entry : fs::directory_iterator(directory_, none)) {
            const fs::path& path = entry.path();
            std::error_code error;
            if (is_backup_name(path.filename().string()) && fs::exists(path / "sentinel", error)) {
                backups.push_back(describe(path));
            }
        }
        std::ranges::sort(backups, {}, &Backup::name);
        done(std::move(backups));
    });
}

void Backups::stop() {
    thread_.join();
}

} // namespace broker
