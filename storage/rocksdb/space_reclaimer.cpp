#include "storage/rocksdb/space_reclaimer.hpp"

#include <pthread.h>
#include <rocksdb/convenience.h>

namespace storage {
namespace {

// Shares of a memtable: what is written between two looks while the store counts as idle, and what may come during a
// compaction before it gives way.
constexpr std::uint64_t idle_share = 64;
constexpr std::uint64_t traffic_share = 8;

} // namespace

SpaceReclaimer::SpaceReclaimer(Database& database, const RocksStoreOptions& options)
    : database_(database),
      options_(options),
      thread_([this] { run(); }) {}

SpaceReclaimer::~SpaceReclaimer() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    cancelled_ = true;
    changed_.notify_one();
    thread_.join();
}

void SpaceReclaimer::add(std::vector<DeadRange> ranges) {
    if (ranges.empty())
        return;
    {
        const std::lock_guard lock(mutex_);
        for (DeadRange& range : ranges) {
            std::string& end = dead_[{range.family, std::move(range.begin)}];
            end = std::max(end, range.end);
        }
    }
    changed_.notify_one();
}

void SpaceReclaimer::on_written(std::uint64_t bytes) {
    const std::uint64_t written = written_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
    if (written - written_at_compaction_.load(std::memory_order_relaxed) > options_.page_memtable_bytes / traffic_share)
        cancelled_ = true;
}

void SpaceReclaimer::run() {
    pthread_setname_np(pthread_self(), "reclaimer"); // what top and perf show
    std::unique_lock lock(mutex_);
    while (!stop_) {
        if (dead_.empty() && files_deleted_.empty())
            changed_.wait(lock, [this] { return stop_ || !dead_.empty(); });
        const std::uint64_t before = written_;
        changed_.wait_for(lock, options_.reclaim_interval, [this] { return stop_; });
        if (stop_)
            return;
        cancelled_ = false;
        written_at_compaction_ = written_.load();
        Ranges fresh = std::exchange(dead_, {});
        lock.unlock();
        look_after(std::move(fresh), written_ - before < options_.page_memtable_bytes / idle_share);
        lock.lock();
    }
}

void SpaceReclaimer::look_after(Ranges fresh, bool idle) {
    if (database_.failed())
        return;
    if (!fresh.empty()) {
        if (!delete_files(fresh))
            return;
        for (auto& [begin, end] : fresh)
            files_deleted_[begin] = std::max(files_deleted_[begin], end);
        flushed_ = false;
    }
    if (!idle || files_deleted_.empty())
        return;
    if (!flushed_) {
        flushed_ = database_.begin_flush();
        return;
    }
    if (compact(files_deleted_))
        files_deleted_.clear();
    database_.delete_unused_files(); // of a compaction that gave way, this one or an earlier one
}

// With a file its tombstones go, so that an older version of a key in a deeper file may show again: nobody looks at
// pages below a queue's head, but the commit log is read from its beginning, so its files are only compacted.
bool SpaceReclaimer::delete_files(const Ranges& ranges) const {
    for (const auto& [begin, end] : ranges) {
        if (begin.first != Family::pages)
            continue;
        const rocksdb::Slice first(begin.second);
        const rocksdb::Slice last(end);
        const auto status = rocksdb::DeleteFilesInRange(&database_.db(), database_.family(begin.first), &first, &last,
                                                        false); // without what begins at the end
        if (!status.ok())
            return false;
    }
    return true;
}

// False when it was not finished, to be tried again.
bool SpaceReclaimer::compact(const Ranges& ranges) {
    rocksdb::CompactRangeOptions how;
    how.exclusive_manual_compaction = false; // never in the way of RocksDB's own
    how.canceled = &cancelled_;
    for (const auto& [begin, end] : ranges) {
        const rocksdb::Slice first(begin.second);
        const rocksdb::Slice last(end);
        if (!database_.db().CompactRange(how, database_.family(begin.first), &first, &last).ok())
            return false;
    }
    return true;
}

} // namespace storage
