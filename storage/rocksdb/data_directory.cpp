#include "storage/rocksdb/data_directory.hpp"

#include "storage/byte_codec.hpp"
#include "storage/crc32c.hpp"
#include "storage/rocksdb/newest_wal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace storage {
namespace {

constexpr std::uint8_t sentinel_version = 1;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
    throw std::runtime_error("data directory " + path.string() + " " + what);
}

std::string error_text(int error) {
    return std::system_category().message(error);
}

std::error_code last_error() {
    return {errno, std::system_category()};
}

std::error_code write_whole_file(const std::string& path, const std::string& text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return last_error();
    const ssize_t written = ::write(file, text.data(), text.size());
    std::error_code error;
    if (written < 0 || ::fsync(file) != 0)
        error = last_error();
    else if (written < static_cast<ssize_t>(text.size()))
        error = std::make_error_code(std::errc::no_space_on_device); // a few octets are cut short by nothing else
    ::close(file);
    return error;
}

} // namespace

std::error_code sync_directory(const std::filesystem::path& path) {
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return last_error();
    const std::error_code error = ::fsync(directory) == 0 ? std::error_code{} : last_error();
    ::close(directory);
    return error;
}

std::uint64_t newest_log(const std::filesystem::path& database) {
    const auto files = wal_files(database);
    return files.empty() ? 0 : files.rbegin()->first;
}

std::error_code write_sentinel(const std::filesystem::path& directory, std::uint64_t wal_number) {
    std::string text{static_cast<char>(sentinel_version)};
    put_little_endian(text, wal_number);
    put_little_endian(text, crc32c(text));
    const std::string path = directory / "sentinel";
    const std::string fresh = directory / "sentinel.new";
    if (const std::error_code error = write_whole_file(fresh, text))
        return error;
    return ::rename(fresh.c_str(), path.c_str()) == 0 ? sync_directory(directory) : last_error();
}

DataDirectory::DataDirectory(const std::filesystem::path& path, Use use) : path_(path) {
    std::error_code error;
    if (use == Use::store) {
        if (path.has_parent_path())
            std::filesystem::create_directories(path.parent_path(), error);
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
            fail(path, "cannot be made: " + error_text(errno));
    } else if (!std::filesystem::is_directory(path, error)) {
        fail(path, "is not there, or is not a directory");
    } else if (!std::filesystem::exists(path / "sentinel") && !std::filesystem::is_directory(database())) {
        fail(path, "holds no data of Leveret");
    }
    lock(use);
}

void DataDirectory::lock(Use use) {
    const std::string lock_path = path_ / "lock";
    lock_ = use == Use::look ? ::open(lock_path.c_str(), O_RDONLY | O_CLOEXEC)
                             : ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0 && use == Use::look && errno == ENOENT)
        return; // a copy without one, which no broker uses
    if (lock_ < 0)
        fail(path_, "cannot be used: " + error_text(errno));
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        std::string pid;
        std::ifstream(lock_path) >> pid;
        ::close(lock_);
        fail(path_, "is in use by another process (pid " + (pid.empty() ? "unknown" : pid) + ")");
    }
    if (use == Use::look)
        return;
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock_, 0) != 0 || ::pwrite(lock_, pid.data(), pid.size(), 0) < 0) {
        const int cause = errno;
        ::close(lock_);
        fail(path_, "cannot be written: " + error_text(cause));
    }
}

DataDirectory::~DataDirectory() {
    if (lock_ >= 0)
        ::close(lock_); // which also unlocks it
}

void DataDirectory::check_sentinel() const {
    std::ifstream file(path_ / "sentinel", std::ios::binary);
    if (!file)
        return; // a new directory
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    ByteReader in(text);
    const auto version = in.u8();
    const auto wal_number = in.little_endian<std::uint64_t>();
    const auto checksum = in.little_endian<std::uint32_t>();
    if (!in.at_end() || version != sentinel_version || crc32c(text.substr(0, 9)) != checksum)
        fail(path_, "is damaged: the file sentinel cannot be read");
    if (!std::filesystem::exists(database() / "CURRENT"))
        fail(path_, "is damaged: db/CURRENT is missing");
    if (newest_log(database()) < wal_number)
        fail(path_, "is damaged: the write-ahead log " + std::to_string(wal_number) + " in db/ is missing");
}

} // namespace storage
