#include "storage/rocksdb/commit_thread.hpp"

#include <algorithm>
#include <limits>

namespace storage {
namespace {

constexpr std::size_t max_group_bytes = 8 << 20;  // longer groups only make confirms late
constexpr std::size_t max_batch_bytes = 1u << 30; // RocksDB's write batches end at 4 GiB

std::size_t size_of(const Batch& batch) {
    std::size_t bytes = 64;
    for (const auto& append : batch.appends)
        bytes += append.entry.message->footprint();
    for (const auto& record : batch.records)
        bytes += record.key.name.size() + record.value.size() + 16;
    return bytes + 32 * (batch.settles.size() + batch.redeliveries.size());
}

} // namespace

CommitThread::CommitThread(Database& database, DataDirectory& directory, SpaceReclaimer& reclaimer,
                           const RocksStoreOptions& options, std::uint64_t epoch, const std::vector<QueueState>& paged)
    : database_(database),
      directory_(directory),
      reclaimer_(reclaimer),
      options_(options),
      epoch_(epoch),
      builder_(database, options, epoch, paged),
      recovered_(builder_.states()),
      thread_([this] { run(); }) {}

CommitThread::~CommitThread() {
    {
        const std::lock_guard lock(mutex_);
        if (stop_ == Stop::no)
            stop_ = Stop::abandon;
    }
    work_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

void CommitThread::submit(const Lease& lease, Batch batch, Store::Completion completion) {
    Item item{lease, std::move(batch), std::move(completion)};
    item.bytes = size_of(item.batch);
    waiting_bytes_ += item.bytes;
    {
        const std::lock_guard lock(mutex_);
        queued_.push_back(std::move(item));
        ++submitted_;
    }
    work_.notify_one();
}

void CommitThread::drain() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = Stop::drain;
    }
    work_.notify_one();
    thread_.join();
}

void CommitThread::submit_look(Look look) {
    {
        const std::lock_guard lock(mutex_);
        looks_.push_back({std::move(look), submitted_});
    }
    work_.notify_one();
}

void CommitThread::run() {
    while (true) {
        std::vector<Item> group = next_group();
        if (!group.empty())
            write_group(group);
        for (const Item& item : group)
            waiting_bytes_ -= item.bytes;
        for (Item& item : group)
            item.completion(item.outcome);
        const std::lock_guard lock(mutex_);
        written_ += group.size();
        const bool idle = taken_.empty() && queued_.empty() && looks_.empty();
        if (stop_ == Stop::abandon || (stop_ == Stop::drain && idle))
            return;
    }
}

// Empty when there is nothing to write, but a look to be taken.
std::vector<CommitThread::Item> CommitThread::next_group() {
    look_around();
    {
        std::unique_lock lock(mutex_);
        if (taken_.empty()) {
            work_.wait(lock, [this] { return !queued_.empty() || !looks_.empty() || stop_ != Stop::no; });
            taken_.swap(queued_);
        }
    }
    std::vector<Item> group;
    for (std::size_t bytes = 0; !taken_.empty() && bytes < max_group_bytes; taken_.pop_front()) {
        bytes += taken_.front().bytes;
        group.push_back(std::move(taken_.front()));
    }
    return group;
}

void CommitThread::look_around() {
    std::deque<WaitingLook> due;
    {
        const std::lock_guard lock(mutex_);
        for (; !looks_.empty() && looks_.front().after <= written_; looks_.pop_front())
            due.push_back(std::move(looks_.front()));
    }
    for (const WaitingLook& waiting : due)
        waiting.look(builder_);
}

void CommitThread::write_group(std::vector<Item>& group) {
    if (database_.failed())
        fail("the store failed in the background");
    std::uint64_t bytes = 0;
    for (const Item& item : group)
        bytes += item.bytes;
    const std::uint64_t room_left = room();
    bool promised = false;
    bool repeated = false;
    for (Item& item : group) {
        item.outcome = admit(item, room_left, bytes);
        if (item.outcome != Outcome::durable)
            continue;
        promised |= item.batch.promised;
        if (already_written(item))
            repeated = true;
        else
            builder_.add(item.lease.shard, std::move(item.batch));
    }
    if (!failed_ && write(promised && options_.sync, repeated))
        return;
    for (Item& item : group)
        if (item.outcome == Outcome::durable)
            item.outcome = Outcome::failed;
}

bool CommitThread::write(bool sync, bool repeated) {
    rocksdb::WriteBatch& writes = builder_.finish();
    rocksdb::Status status;
    // What is drained must be sure to be so before its files go: a power cut could bring a queue's row back, not them.
    sync = sync || (builder_.frees_space() && options_.sync);
    if (writes.Count() > 0)
        status = database_.write(writes, sync);
    else if (sync && repeated)
        status = database_.db().SyncWAL();
    const std::uint64_t bytes = writes.GetDataSize();
    std::vector<DeadRange> dead = builder_.written();
    if (!status.ok() || database_.failed()) {
        fail("the log cannot be written: " + status.ToString());
        return false;
    }
    // The log that the sentinel names must be sure to be there after a power cut: only a sync makes it so.
    if (sync && database_.take_wal_changed() && directory_.write_sentinel(database_.wal_number())) {
        fail("the sentinel file cannot be written");
        return false;
    }
    reclaimer_.on_written(bytes);
    reclaimer_.add(std::move(dead));
    return true;
}

Outcome CommitThread::admit(const Item& item, std::uint64_t room, std::uint64_t group_bytes) const {
    if (failed_)
        return Outcome::failed;
    if (item.lease.epoch != epoch_)
        return Outcome::fenced;
    if (item.bytes > max_batch_bytes)
        return Outcome::too_large;
    // What only takes away is let in longer, or a full disk could never be emptied.
    const bool adds =
        !item.batch.appends.empty() || std::any_of(item.batch.records.begin(), item.batch.records.end(),
                                                   [](const Batch::Record& record) { return !record.erase; });
    const std::uint64_t needed = adds ? options_.reserve_bytes + 2 * group_bytes : options_.reserve_bytes / 4;
    return room < needed ? Outcome::full : Outcome::durable;
}

std::uint64_t CommitThread::room() const {
    const std::uint64_t free = options_.free_bytes ? options_.free_bytes() : directory_.free_bytes();
    const std::uint64_t unflushed = database_.unflushed_bytes();
    return free > unflushed ? free - unflushed : 0;
}

std::uint64_t CommitThread::room_behind_all() const {
    const std::uint64_t taken = 2 * waiting_bytes_; // in the log and in memory, which is to be written, too
    const std::uint64_t now = room();
    return now - std::min(now, taken);
}

bool CommitThread::already_written(const Item& item) {
    if (item.batch.number == 0)
        return false;
    std::uint64_t& latest = batch_numbers_[item.lease.shard];
    if (item.batch.number <= latest)
        return true;
    latest = item.batch.number;
    return false;
}

void CommitThread::fail(std::string_view reason) {
    if (failed_.exchange(true))
        return;
    if (options_.log)
        options_.log(LogLevel::error, reason);
    if (options_.on_disk_failed)
        options_.on_disk_failed(reason);
}

} // namespace storage
