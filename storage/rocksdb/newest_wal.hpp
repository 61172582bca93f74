// The log that was being written when the process or the power went. Its end may be a write that never ended: RocksDB
// takes it when the file ends there, and refuses, or reads on, when zeros follow (sectors that were allocated and never
// written). Here it is cut off, if nothing that was synced can be in it; else the start is refused.
#pragma once

#include "storage/rocksdb/wal_file.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace storage {

struct NewestWal {
    std::filesystem::path file;
    WalContents contents;

    std::string text() const; // of its first fault
};

// All logs of a database by their numbers; none of one that is not there.
std::map<std::uint64_t, std::filesystem::path> wal_files(const std::filesystem::path& database);

// The latest log that has anything in it.
std::optional<NewestWal> find_newest_wal(const std::filesystem::path& database);

void cut_torn_tail(const NewestWal& wal); // durable when it returns; throws std::runtime_error

// Before the database is opened for writing: syncs the logs that are there, as what will be written builds on all that
// is read, and cuts a torn tail. Says what was cut, or nothing; throws std::runtime_error with one clear line.
std::string settle_newest_wal(const std::filesystem::path& database);

} // namespace storage
