#include "storage/rocksdb/disk_space.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

namespace storage {
namespace {

using namespace std::chrono_literals;

constexpr auto between_tries = 50ms;
constexpr auto between_lines = 10s;

std::string in_mebibytes(std::uint64_t bytes) {
    return std::to_string(bytes >> 20) + " MiB";
}

} // namespace

DiskSpace::DiskSpace(const RocksStoreOptions& options) : options_(options), reserve_(options.directory / "reserve") {
    struct stat file {};
    if (::stat(reserve_.c_str(), &file) == 0)
        held_ = static_cast<std::uint64_t>(file.st_blocks) * 512;
    free_bytes();
}

std::uint64_t DiskSpace::free_bytes() {
    if (options_.free_bytes)
        return options_.free_bytes();
    if (held_ == 0 && !is_scarce())
        take_reserve();
    return really_free() + held_;
}

bool DiskSpace::wait_until(const Question& there_is_room) {
    if (there_is_room())
        return true;
    bool told = false;
    if (waiting_++ == 0) {
        const std::lock_guard lock(mutex_);
        told = std::chrono::steady_clock::now() >= silent_until_;
        silent_until_ = std::chrono::steady_clock::now() + between_lines;
    }
    if (told)
        say(LogLevel::error, "the disk is full: what has to be written waits, and nothing more is confirmed, until "
                             "there is space");
    bool room = false;
    for (bool more = true; more && !room;) {
        more = pause();
        room = there_is_room(); // a last time when there is no more waiting
    }
    --waiting_;
    if (told && room)
        say(LogLevel::warning, "there is space on the disk again: writing goes on");
    return room;
}

bool DiskSpace::write_until(const Question& written) {
    if (give_reserve_back())
        say(LogLevel::warning, "the disk is full: the reserve of " + in_mebibytes(options_.reserve_bytes) + " is used");
    return wait_until(written);
}

bool DiskSpace::wait_for_compaction() {
    const auto end = std::chrono::steady_clock::now() + options_.compaction_patience;
    while (really_free() < 2 * options_.reserve_bytes) {
        if (std::chrono::steady_clock::now() >= end)
            return false;
        if (!pause())
            break;
    }
    return true;
}

void DiskSpace::stop_waiting() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
    }
    stop_.notify_all();
}

bool DiskSpace::pause() {
    std::unique_lock lock(mutex_);
    return !stop_.wait_for(lock, between_tries, [this] { return stopped_; });
}

std::uint64_t DiskSpace::really_free() const {
    if (options_.free_bytes)
        return options_.free_bytes();
    struct statvfs space {};
    if (::statvfs(options_.directory.c_str(), &space) != 0)
        return std::numeric_limits<std::uint64_t>::max() / 2; // so that what is added to it is not less
    return static_cast<std::uint64_t>(space.f_bavail) * space.f_frsize;
}

void DiskSpace::take_reserve() {
    const std::lock_guard lock(mutex_);
    if (!reserve_possible_ || held_ != 0 || options_.reserve_bytes == 0)
        return;
    const int file = ::open(reserve_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return;
    if (::fallocate(file, 0, 0, static_cast<off_t>(options_.reserve_bytes)) == 0) {
        held_ = options_.reserve_bytes;
    } else {
        reserve_possible_ = errno == ENOSPC; // or this file system cannot allocate
        ::unlink(reserve_.c_str());
    }
    ::close(file);
}

bool DiskSpace::give_reserve_back() {
    const std::lock_guard lock(mutex_);
    if (held_ == 0 || ::unlink(reserve_.c_str()) != 0)
        return false;
    held_ = 0;
    return true;
}

void DiskSpace::say(LogLevel level, std::string_view text) const {
    if (options_.log)
        options_.log(level, text);
}

} // namespace storage
