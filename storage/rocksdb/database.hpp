// The open RocksDB and its column families. Owned by RocksStore, used by the commit thread (writes) and the reader
// (snapshots); RocksDB itself is safe on any thread.
#pragma once

#include "storage/rocksdb/options.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace storage {

enum class Access : std::uint8_t {
    write,   // as a broker: made when it is not there
    read,    // changes nothing, not even by recovery; as far as the newest log can be read
    salvage, // likewise, and goes on behind what cannot be read in any log
};

class Database {
 public:
    // Throws std::runtime_error.
    Database(const std::filesystem::path& path, const RocksStoreOptions& options, Access access = Access::write);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    rocksdb::DB& db() const { return *db_; }
    rocksdb::ColumnFamilyHandle* family(Family which) const { return families_[static_cast<std::size_t>(which)]; }

    // nullopt when it is not there; throws std::runtime_error when it cannot be read.
    std::optional<std::string> get(Family which, std::string_view key) const;
    std::unique_ptr<rocksdb::Iterator> iterate(Family which, const rocksdb::ReadOptions& options = {}) const;

    // False when this, or anything of the store before, has failed; then nothing is written any more.
    // Adds what is synced so far (wal_file.hpp).
    bool write(rocksdb::WriteBatch& writes, bool sync);
    bool sync_log();
    bool begin_flush(); // in the background; not once a write has failed
    bool flush();
    // Unfinished ones, too: RocksDB leaves what a cancelled compaction has written for hours, or until the next start.
    void delete_unused_files();
    std::uint64_t unflushed_bytes() const; // what the memtables hold
    std::uint64_t wal_number() const;      // of the log being written
    // The log of the last synced write, when it is not the one that was taken last: it, and its name, are on disk. The
    // one being written may be another by now, which a power cut could still take away.
    std::optional<std::uint64_t> take_synced_wal();
    bool failed() const;                   // any thread; RocksDB's own work included
    void fail(const std::string& reason);  // says it once, to the log and to RocksStoreOptions::on_disk_failed

 private:
    bool note_written(bool synced);

    struct Listener;
    std::shared_ptr<Listener> listener_;
    std::shared_ptr<void> environment_; // outlives db_
    // Beginning a flush in a log whose last write failed is an assertion of RocksDB: one after the other, then.
    std::mutex writing_;
    std::uint64_t synced_ = 0; // every change up to this one; by number
    std::optional<std::uint64_t> synced_wal_;
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

inline rocksdb::Slice slice(std::string_view text) {
    return {text.data(), text.size()};
}
inline std::string_view view(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

} // namespace storage
