#include "storage/rocksdb/database.hpp"

#include <rocksdb/listener.h>
#include <rocksdb/transaction_log.h>

#include <stdexcept>

namespace storage {

struct Database::Listener final : rocksdb::EventListener {
    Listener(const Database& database, std::function<void(LogLevel, std::string_view)> log_to)
        : wal_changed(database.wal_changed_), background_failed(database.background_failed_), log(std::move(log_to)) {}

    // A memtable is sealed when a new log is begun.
    void OnMemTableSealed(const rocksdb::MemTableInfo&) override { *wal_changed = true; }
    void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
        *background_failed = true;
        if (log)
            log(LogLevel::error, "the store failed in the background: " + status->ToString());
    }

    std::shared_ptr<std::atomic<bool>> wal_changed;
    std::shared_ptr<std::atomic<bool>> background_failed;
    std::function<void(LogLevel, std::string_view)> log;
};

Database::Database(const std::filesystem::path& path, const RocksStoreOptions& options)
    : environment_(options.environment) {
    rocksdb::DB* db = nullptr;
    const auto status =
        rocksdb::DB::Open(database_options(options, {std::make_shared<Listener>(*this, options.log)}), path.string(),
                          column_families(), &families_, &db);
    if (!status.ok())
        throw std::runtime_error("data directory " + path.parent_path().string() +
                                 " cannot be opened: " + status.ToString());
    db_.reset(db);
}

Database::~Database() {
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

bool Database::flush() {
    return db_->Flush({}, families_).ok();
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
