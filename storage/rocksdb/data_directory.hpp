// The directory that a store lives in: made for this user only, locked against a second process, and watched over by a
// sentinel file. Owned by RocksStore, which is its only user; released when destroyed.
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

class DataDirectory {
 public:
    explicit DataDirectory(const std::filesystem::path& path); // throws std::runtime_error with one clear line
    ~DataDirectory();
    DataDirectory(const DataDirectory&) = delete;
    DataDirectory& operator=(const DataDirectory&) = delete;

    std::filesystem::path database() const { return path_ / "db"; }

    // Throws when the log that the sentinel names, or the whole database, is gone.
    void check_sentinel() const;
    std::error_code write_sentinel(std::uint64_t wal_number); // durable when there is no error

 private:
    std::filesystem::path path_;
    int lock_ = -1;
};

} // namespace storage
