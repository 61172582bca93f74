// The directory that a store lives in: made for this user only, locked against a second process, and watched over by a
// sentinel file. Owned by who uses it, a RocksStore or a tool; released when destroyed.
//
//   <directory>/lock      flock()ed while open; holds the pid
//   <directory>/sentinel  version:u8=1  wal:u64  crc32c:u32 - the write-ahead log that must be there (or a later one);
//                         0 after a clean close, when everything is in tables. RocksDB itself starts with an empty
//                         store when its active log is gone.
//   <directory>/db/       RocksDB's
#pragma once

#include <cstdint>
#include <filesystem>
#include <system_error>

namespace storage {

// Durable when there is no error.
std::error_code write_sentinel(const std::filesystem::path& directory, std::uint64_t wal_number);
std::error_code sync_directory(const std::filesystem::path& directory);
std::uint64_t newest_log(const std::filesystem::path& database); // the highest number of a log in it, 0 without one

class DataDirectory {
 public:
    enum class Use : std::uint8_t {
        store,  // made when it is not there
        repair, // must be there and be one
        look,   // likewise, and nothing in it is changed
    };

    // Throws std::runtime_error with one clear line.
    explicit DataDirectory(const std::filesystem::path& path, Use use = Use::store);
    ~DataDirectory();
    DataDirectory(const DataDirectory&) = delete;
    DataDirectory& operator=(const DataDirectory&) = delete;

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path database() const { return path_ / "db"; }
    bool has_sentinel() const { return std::filesystem::exists(path_ / "sentinel"); }

    // Throws when the log that the sentinel names, or the whole database, is gone.
    void check_sentinel() const;
    std::error_code write_sentinel(std::uint64_t wal_number) const {
        return storage::write_sentinel(path_, wal_number);
    }

 private:
    void lock(Use use);

    std::filesystem::path path_;
    int lock_ = -1;
};

} // namespace storage
