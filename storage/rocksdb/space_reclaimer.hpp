// Gives the space of what is settled back to the file system. Tables that lie wholly in a drained range are removed
// soon; the rest goes when there is little to write: then memtables are flushed, which frees logs, and the ranges are
// compacted, until traffic returns. On a thread of its own, which sleeps while nothing is drained. Owned by RocksStore;
// told by the commit thread.
#pragma once

#include "storage/rocksdb/database.hpp"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace storage {

// Nothing in it will ever be read again, and no key of it is ever put again.
struct DeadRange {
    Family family;
    std::string begin;
    std::string end;
};

class SpaceReclaimer {
 public:
    SpaceReclaimer(Database& database, const RocksStoreOptions& options);
    ~SpaceReclaimer();

    void add(std::vector<DeadRange> ranges); // of a group that is written and synced
    void on_written(std::uint64_t bytes);

 private:
    using Ranges = std::map<std::pair<Family, std::string>, std::string>; // by family and begin: the end

    void run();
    void look_after(Ranges fresh, bool idle);
    bool delete_files(const Ranges& ranges) const;
    bool compact(const Ranges& ranges);

    Database& database_;
    const RocksStoreOptions& options_;
    std::atomic<std::uint64_t> written_ = 0;
    std::atomic<std::uint64_t> written_at_compaction_ = 0;
    std::atomic<bool> cancelled_ = false;

    Ranges files_deleted_; // still to be compacted; on the thread alone
    bool flushed_ = false; // since the latest came

    std::mutex mutex_;
    std::condition_variable changed_;
    Ranges dead_;
    bool stop_ = false;
    std::thread thread_;
};

} // namespace storage
