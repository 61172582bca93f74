#include "storage/rocksdb/options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <thread>

namespace storage {
namespace {

constexpr std::size_t mebibyte = 1u << 20;

// RocksDB's own log, as far as it warns, goes where ours goes.
class LogBridge final : public rocksdb::Logger {
 public:
    explicit LogBridge(std::function<void(LogLevel, std::string_view)> log)
        : Logger(rocksdb::InfoLogLevel::WARN_LEVEL),
          log_(std::move(log)) {}

    using Logger::Logv;
    void Logv(const char* format, va_list arguments) override {
        Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
    }
    void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
        if (level < GetInfoLogLevel() || level == rocksdb::InfoLogLevel::HEADER_LEVEL)
            return;
        char line[1024];
        std::vsnprintf(line, sizeof line, format, arguments);
        log_(level >= rocksdb::InfoLogLevel::ERROR_LEVEL ? LogLevel::error : LogLevel::warning,
             "rocksdb: " + std::string(line));
    }

 private:
    std::function<void(LogLevel, std::string_view)> log_;
};

rocksdb::CompressionType cold_compression() {
    const auto supported = rocksdb::GetSupportedCompressions();
    const bool lz4 = std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
    return lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;                                     // one budget for all families
    table.block_size = 16 * 1024;                                  // a page is usually larger: one block each
    table.format_version = 5;                                      // compact index keys
    table.checksum = rocksdb::kXXH3;                               // cheaper than the library's CRC32C by table
    table.cache_index_and_filter_blocks = true;                    // or memory would grow with the backlog
    table.cache_index_and_filter_blocks_with_high_priority = true; // page reads must not push the index out
    table.pin_l0_filter_and_index_blocks_in_cache = true;          // fresh files are read soon
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;          // small pieces of large indexes
    table.metadata_cache_options.top_level_index_pinning = rocksdb::PinningTier::kAll; // the top is tiny
    return table;
}

rocksdb::ColumnFamilyOptions small_family(const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::ColumnFamilyOptions family;
    family.write_buffer_size = 4 * mebibyte; // definitions are few
    family.max_write_buffer_number = 2;      // and rarely written
    // While a full disk keeps compactions waiting, what takes away goes on being written and flushed.
    family.level0_slowdown_writes_trigger = 100;
    family.level0_stop_writes_trigger = 200;
    family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(cache)));
    return family;
}

rocksdb::ColumnFamilyOptions row_family(const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::ColumnFamilyOptions family = small_family(cache);
    family.write_buffer_size = 8 * mebibyte; // rows are overwritten in the memtable, only the last reaches a table
    family.max_write_buffer_number = 3;      // one being filled while two are flushed
    return family;
}

rocksdb::ColumnFamilyOptions queue_row_family(const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::ColumnFamilyOptions family = row_family(cache);
    // Queue after queue in turn: a hint per queue saves 20-38 % CPU over searching the skip list from its head. Not for
    // families with range deletions: 7.8 uses one hint for both of a memtable's skip lists, which breaks them.
    family.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(8));
    return family;
}

rocksdb::ColumnFamilyOptions page_family(const std::shared_ptr<rocksdb::Cache>& cache, std::uint64_t memtable_bytes) {
    rocksdb::ColumnFamilyOptions family = row_family(cache);
    family.write_buffer_size = memtable_bytes;                // what is settled before it is full never reaches a table
    family.max_write_buffer_number = 4;                       // rides out a slow flush
    family.level_compaction_dynamic_level_bytes = true;       // the last level is the full one: less dead space
    family.target_file_size_base = 64 * mebibyte;             // a memtable's worth
    family.level0_file_num_compaction_trigger = 8;            // reads are short forward scans: depth hurts little,
    family.level0_slowdown_writes_trigger = 40;               // and the broker brakes publishers long before
    family.level0_stop_writes_trigger = 80;                   // RocksDB would
    family.soft_pending_compaction_bytes_limit = 64ull << 30; // the same brake, by bytes
    family.hard_pending_compaction_bytes_limit = 256ull << 30;
    family.compression = rocksdb::kNoCompression; // young pages mostly die before they are moved
    const auto cold = cold_compression();
    family.compression_per_level = {rocksdb::kNoCompression, rocksdb::kNoCompression, cold, cold, cold, cold, cold};
    // A safety net: files full of tombstones are compacted early.
    family.table_properties_collector_factories = {rocksdb::NewCompactOnDeletionCollectorFactory(32768, 16384, 0.5)};
    return family;
}

} // namespace

rocksdb::DBOptions database_options(const RocksStoreOptions& options,
                                    std::vector<std::shared_ptr<rocksdb::EventListener>> listeners) {
    rocksdb::DBOptions db;
    if (options.environment)
        db.env = static_cast<rocksdb::Env*>(options.environment.get());
    db.create_if_missing = true;
    db.create_missing_column_families = true;

    // A torn tail after a power cut is normal; anything else must stop us. The default (point in time) drops everything
    // behind one flipped bit without a word.
    db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    db.track_and_verify_wals_in_manifest = true; // a missing older log; the active one is DataDirectory's sentinel's
    db.max_bgerror_resume_count = 0;             // what failed is not tried again behind our back
    db.paranoid_checks = true;                   // the default, said aloud
    db.recycle_log_file_num = 0;                 // broken in 7.8.3 (crashes, resurrects)

    db.max_total_wal_size = 128 * mebibyte;            // replay of the default (2 GiB here) took 4-9 s
    db.avoid_flush_during_recovery = true;             // serve first
    db.skip_stats_update_on_db_open = true;            // grows with the number of files
    db.skip_checking_sst_file_sizes_on_db_open = true; // likewise
    db.max_open_files = -1;                            // 31-66 files for 20-100 M messages

    db.max_background_jobs = static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 2u, 8u));
    db.bytes_per_sync = mebibyte;                              // even write-back of tables: p99 30 -> 12 ms
    db.db_write_buffer_size = 5 * options.page_memtable_bytes; // a hard cap on all memtables
    db.allow_concurrent_memtable_write = false; // one writer: needs no CAS loops (and insert hints forbid it)
    db.enable_pipelined_write = false;          // one writer: nothing to pipeline

    db.stats_dump_period_sec = 0; // no timer threads' work while idle
    db.stats_persist_period_sec = 0;
    db.keep_log_file_num = 5;
    db.max_log_file_size = 8 * mebibyte;
    db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    if (options.log)
        db.info_log = std::make_shared<LogBridge>(options.log);
    db.listeners = std::move(listeners);
    return db;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksStoreOptions& options) {
    const auto cache = rocksdb::NewLRUCache(32 * mebibyte);
    return {{rocksdb::kDefaultColumnFamilyName, small_family(cache)}, // Family::node
            {"records", small_family(cache)},
            {"queues", queue_row_family(cache)},
            {"pages", page_family(cache, options.page_memtable_bytes)},
            {"acks", row_family(cache)},
            {"log", page_family(cache, options.page_memtable_bytes)}}; // values die like pages, mostly sooner
}

} // namespace storage
