#include "storage/rocksdb/commit_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace storage {
namespace {

constexpr std::size_t max_group_bytes = 8 << 20;  // longer groups only make confirms late
constexpr std::size_t max_held_messages = 65'536; // and those that were elided take memory until a group ends
constexpr std::size_t max_batch_bytes = 1u << 30; // RocksDB's write batches end at 4 GiB

std::size_t size_of(const Batch& batch) {
    std::size_t bytes = 64;
    for (const auto& append : batch.appends)
        bytes += append.entry.message->footprint();
    for (const auto& record : batch.records)
        bytes += record.key.name.size() + record.value.size() + 16;
    return bytes + 32 * (batch.settles.size() + batch.redeliveries.size());
}

// Somebody waits who is not a publisher, or will take what was promised behind it for a sign that it is on disk.
bool is_urgent(const Batch& batch) {
    return !batch.records.empty() || batch.whole;
}

bool adds(const Batch& batch) {
    return !batch.appends.empty() || std::any_of(batch.records.begin(), batch.records.end(),
                                                 [](const Batch::Record& record) { return !record.erase; });
}

} // namespace

void CommitThread::Held::add(const Batch& batch) {
    for (const auto& settle : batch.settles)
        settled += settle.count;
    urgent |= is_urgent(batch);
}

CommitThread::CommitThread(Database& database, DataDirectory& directory, DiskSpace& space, SpaceReclaimer& reclaimer,
                           const RocksStoreOptions& options, std::uint64_t epoch, const std::vector<QueueState>& paged)
    : database_(database),
      directory_(directory),
      space_(space),
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
    bool wake = true;
    {
        const std::lock_guard lock(mutex_);
        queued_.push_back(std::move(item));
        ++submitted_;
        if (held_) {
            held_->add(queued_.back().batch);
            wake = held_->over();
        }
    }
    if (wake)
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
    pthread_setname_np(pthread_self(), "commit"); // what top and perf show
    do {
        look_around();
        collect();
        if (!group_.empty())
            write_group();
    } while (complete_group());
}

// Nothing is collected when there is only a look to be taken.
void CommitThread::collect() {
    std::unique_lock lock(mutex_);
    if (taken_.empty())
        work_.wait(lock, [this] { return !queued_.empty() || !looks_.empty() || stop_ != Stop::no; });
    do {
        std::move(queued_.begin(), queued_.end(), std::back_inserter(taken_));
        queued_.clear();
        lock.unlock();
        take_in();
        complete_settled();
        lock.lock();
    } while (taken_.empty() && hold(lock));
}

// Lets the group stay open for a moment. False: no message of it is left, nobody settles any, or somebody has waited
// for long.
bool CommitThread::hold(std::unique_lock<std::mutex>& lock) {
    const std::size_t left = builder_.appended() - builder_.elided();
    if (left == 0 || builder_.appended() > max_held_messages || builder_.queues_behind() > 0 || group_.urgent() ||
        !elision_hold_.pays() || std::chrono::steady_clock::now() - options_.longest_hold >= group_.oldest())
        return false;
    if (!queued_.empty())
        return true;                                   // that first
    held_.emplace(std::max<std::size_t>(left / 4, 1)); // publishers of a part can go on while others wait
    const auto over = [this] { return held_->over() || !looks_.empty() || stop_ != Stop::no; };
    const bool interrupted = work_.wait_for(lock, options_.hold_patience, over) && !held_->over();
    return std::exchange(held_, std::nullopt)->settled > 0 && !interrupted;
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

// From what was taken into the group, until it is large. What the disk has no room for waits; what only takes away and
// came before goes on, or a full disk could never be emptied.
void CommitThread::take_in() {
    std::uint64_t free = space_.free_bytes(); // asked of the file system once, not for each batch
    const auto now = std::chrono::steady_clock::now();
    // A group of small messages takes several times their size while it is encoded and written.
    const auto most = std::min<std::size_t>(max_group_bytes, options_.page_memtable_bytes / 4);
    for (; !taken_.empty() && group_.bytes() < most; taken_.pop_front()) {
        Item& item = taken_.front();
        const std::uint64_t needed = options_.reserve_bytes / 4 + 2 * (group_.bytes() + item.bytes);
        bool room = !adds(item.batch) || free >= needed || database_.failed();
        if (!room && !group_.empty())
            return;
        room = room || space_.wait_until([&] {
            free = space_.free_bytes();
            return free >= needed || database_.failed();
        });
        const Outcome outcome = room ? admit(item) : Outcome::full;
        add_to_group(std::move(item), outcome, now);
    }
}

void CommitThread::add_to_group(Item item, Outcome outcome, CommitGroup::Time now) {
    CommitGroup::Member member;
    member.completion = std::move(item.completion);
    member.bytes = item.bytes;
    member.outcome = outcome;
    member.promised = item.batch.promised;
    member.whole = is_urgent(item.batch) || outcome != Outcome::durable;
    member.since = now;
    if (outcome == Outcome::durable && already_written(item)) {
        member.whole = member.repeated = true;
    } else if (outcome == Outcome::durable) {
        member.in_builder = builder_.add(item.lease.shard, std::move(item.batch));
    }
    group_.add(std::move(member));
}

// What its consumers have settled need not be written for its publishers to go on.
void CommitThread::complete_settled() {
    waiting_bytes_ -= group_.complete_settled(builder_);
}

void CommitThread::write_group() {
    if (database_.failed() || !write(group_.promised() && options_.sync))
        group_.fail();
}

// False: there will be no other one.
bool CommitThread::complete_group() {
    const std::size_t batches = group_.size();
    waiting_bytes_ -= group_.complete();
    const std::lock_guard lock(mutex_);
    written_ += batches;
    const bool idle = taken_.empty() && queued_.empty() && looks_.empty();
    return stop_ == Stop::no || (stop_ == Stop::drain && !idle);
}

bool CommitThread::write(bool sync) {
    rocksdb::WriteBatch& writes = builder_.finish();
    // What is drained must be sure to be so before its files go: a power cut could bring a queue's row back, not them.
    sync = sync || (builder_.frees_space() && options_.sync);
    bool written = true;
    if (writes.Count() > 0)
        written = database_.write(writes, sync);
    else if (sync && group_.repeated())
        written = database_.sync_log();
    const std::uint64_t bytes = writes.GetDataSize();
    elision_hold_.learn(builder_.appended(), builder_.elided());
    std::vector<DeadRange> dead = builder_.written();
    // The log that the sentinel names must be sure to be there after a power cut: only a sync makes it so.
    const auto log = written ? database_.take_synced_wal() : std::nullopt;
    if (!written || (log && !write_sentinel(*log)))
        return false;
    reclaimer_.on_written(bytes);
    reclaimer_.add(std::move(dead));
    return true;
}

bool CommitThread::write_sentinel(std::uint64_t log) {
    const auto try_to = [&] { return directory_.write_sentinel(log); };
    std::error_code error = try_to();
    if (error == std::errc::no_space_on_device)
        space_.write_until([&] {
            error = try_to();
            return error != std::errc::no_space_on_device;
        });
    if (error)
        database_.fail("the sentinel file cannot be written: " + error.message());
    return !error;
}

Outcome CommitThread::admit(const Item& item) const {
    if (database_.failed())
        return Outcome::failed;
    if (item.lease.epoch != epoch_)
        return Outcome::fenced;
    return item.bytes > max_batch_bytes ? Outcome::too_large : Outcome::durable;
}

std::uint64_t CommitThread::room() const {
    if (space_.is_full())
        return 0; // whatever the file system says
    const std::uint64_t free = space_.free_bytes();
    // What waits goes into the log and into memory, and that is to be written, too.
    const std::uint64_t taken = database_.unflushed_bytes() + 2 * waiting_bytes_;
    return free - std::min(free, taken);
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

} // namespace storage
