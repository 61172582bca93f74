#include "storage/rocksdb/database.hpp"

#include "protocol/assert.hpp"
#include "storage/rocksdb/full_disk_file_system.hpp"
#include "storage/rocksdb/library_crc32c.hpp"
#include "storage/rocksdb/wal_file.hpp"

#include <rocksdb/listener.h>
#include <rocksdb/transaction_log.h>

#include <stdexcept>
#include <utility>

namespace storage {

struct Database::Listener final : rocksdb::EventListener {
    explicit Listener(const RocksStoreOptions& options)
        : log(options.log),
          on_disk_failed(options.on_disk_failed),
          sync(options.sync) {}

    // On the thread that writes, before it goes on in a new log. The old one must be whole on disk first: after a power
    // cut the end of the old log, unsynced, could be gone while the beginning of the new one is there, and recovery
    // does not see the gap.
    void OnMemTableSealed(const rocksdb::MemTableInfo&) override {
        wal_changed = true;
        rocksdb::DB* const opened = db;
        if (sync && opened != nullptr)
            check(opened->SyncWAL(), "a log cannot be synced: ");
    }
    // A table that cannot be written or, in a compaction, be read. RocksDB takes no write after it.
    void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
        if (!is_given_up(*status))
            check(*status, "the store failed in the background: ");
    }
    // Before RocksDB itself goes on with the error: where a flush and a writer both come to a log that could not be
    // synced, an assertion of RocksDB 7.8 ends the process, and nobody would have said why.
    bool ShouldBeNotifiedOnFileIO() override { return true; }
    void OnIOError(const rocksdb::IOErrorInfo& info) override {
        if (db != nullptr && info.operation != rocksdb::FileOperationType::kClose && info.file_path.ends_with(".log"))
            check(info.io_status, "the log " + info.file_path + " cannot be written or synced: ");
    }

    void check(const rocksdb::Status& status, std::string_view what) {
        if (!status.ok())
            fail(std::string(what) + status.ToString());
    }

    void fail(const std::string& reason) {
        if (failed.exchange(true))
            return;
        if (log)
            log(LogLevel::error, reason);
        if (on_disk_failed)
            on_disk_failed(reason);
    }

    const std::function<void(LogLevel, std::string_view)> log;
    const std::function<void(std::string_view)> on_disk_failed;
    const bool sync;
    std::atomic<rocksdb::DB*> db = nullptr;
    std::atomic<bool> wal_changed = true; // since a write was synced
    std::atomic<bool> failed = false;
};

namespace {

rocksdb::Status open(const std::filesystem::path& path, const RocksStoreOptions& options, rocksdb::DBOptions how,
                     Access access, std::vector<rocksdb::ColumnFamilyHandle*>& families, rocksdb::DB*& db) {
    if (access == Access::write)
        return rocksdb::DB::Open(how, path.string(), column_families(options), &families, &db);
    // What RocksDB alone would be wrong to do silently is right for those who have looked at the logs themselves.
    how.wal_recovery_mode = access == Access::read ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                                                   : rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
    how.track_and_verify_wals_in_manifest = access == Access::read;
    return rocksdb::DB::OpenForReadOnly(how, path.string(), column_families(options), &families, &db);
}

} // namespace

Database::Database(const std::filesystem::path& path, const RocksStoreOptions& options, Access access)
    : listener_(std::make_shared<Listener>(options)),
      environment_(options.environment) {
    LEVERET_ASSERT(library_crc32c_is_right());
    std::error_code
        ignored; // RocksDB says it better; a missing directory would only make it log an error at first start
    if (access == Access::write)
        std::filesystem::create_directory(path, ignored);
    rocksdb::DB* db = nullptr;
    const auto status = open(path, options, database_options(options, {listener_}), access, families_, db);
    if (!status.ok())
        throw std::runtime_error("data directory " + path.parent_path().string() +
                                 " cannot be opened: " + status.ToString());
    db_.reset(db);
    listener_->db = db;
    synced_ = db->GetLatestSequenceNumber();
}

std::optional<std::uint64_t> Database::take_synced_wal() {
    const std::lock_guard lock(writing_);
    return std::exchange(synced_wal_, std::nullopt);
}

bool Database::failed() const {
    return listener_->failed;
}

void Database::fail(const std::string& reason) {
    listener_->fail(reason);
}

Database::~Database() {
    listener_->db = nullptr;
    for (auto* family : families_)
        db_->DestroyColumnFamilyHandle(family);
    db_->Close().PermitUncheckedError();
}

std::optional<std::string> Database::get(Family which, std::string_view key) const {
    std::string value;
    const auto status = db_->Get({}, family(which), slice(key), &value);
    if (status.IsNotFound())
        return std::nullopt;
    if (!status.ok())
        throw std::runtime_error("the store cannot be read: " + status.ToString());
    return value;
}

std::unique_ptr<rocksdb::Iterator> Database::iterate(Family which, const rocksdb::ReadOptions& options) const {
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, family(which)));
}

bool Database::write(rocksdb::WriteBatch& writes, bool sync) {
    const std::lock_guard lock(writing_);
    rocksdb::WriteOptions how;
    how.sync = sync;
    writes.PutLogData(encode_sync_claim(synced_)).PermitUncheckedError();
    const auto status = db_->Write(how, &writes);
    listener_->check(status, "the log cannot be written: ");
    return note_written(sync);
}

bool Database::sync_log() {
    const std::lock_guard lock(writing_);
    listener_->check(db_->SyncWAL(), "the log cannot be synced: ");
    return note_written(true);
}

bool Database::note_written(bool synced) {
    if (failed())
        return false;
    if (!synced)
        return true;
    synced_ = db_->GetLatestSequenceNumber();
    if (listener_->wal_changed.exchange(false))
        synced_wal_ = wal_number(); // with `writing_` held nobody begins a new one
    return true;
}

bool Database::begin_flush() {
    const std::lock_guard lock(writing_);
    rocksdb::FlushOptions how;
    how.wait = false;
    how.allow_write_stall = true; // or it waits here, with all who write, until compactions have made room
    return !failed() && db_->Flush(how, families_).ok();
}

bool Database::flush() {
    return db_->Flush({}, families_).ok();
}

// RocksDB compares the directory with what it knows when deletions are allowed again. Who forbids them (an online copy)
// is counted.
void Database::delete_unused_files() {
    if (db_->DisableFileDeletions().ok())
        db_->EnableFileDeletions(/*force=*/false);
}

std::uint64_t Database::unflushed_bytes() const {
    std::uint64_t bytes = 0;
    return db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &bytes) ? bytes : 0;
}

std::uint64_t Database::wal_number() const {
    std::unique_ptr<rocksdb::LogFile> file;
    return db_->GetCurrentWalFile(&file).ok() && file ? file->LogNumber() : 0;
}

} // namespace storage
