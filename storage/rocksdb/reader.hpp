// Reads messages back. What is young comes from the commit thread's memory, the rest from pages, on a thread of its own
// and from a snapshot: both of the same moment, with every batch committed before the read was asked for. Owned by
// RocksStore.
#pragma once

#include "storage/rocksdb/commit_thread.hpp"
#include "storage/rocksdb/database.hpp"

#include <rocksdb/snapshot.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace storage {

class Reader {
 public:
    // Messages of epochs up to `unclean_epoch` may have been delivered: nobody knows.
    Reader(const Database& database, const RocksStoreOptions& options, std::uint64_t unclean_epoch);
    ~Reader(); // abandons what is queued

    struct Request {
        QueueId queue;
        Sequence from;
        std::size_t max_messages;
        std::size_t max_bytes;
        Store::PageCompletion completion;
    };
    void submit(CommitThread& commits, Request request);
    void drain(); // answers what is queued, then stops; after the commit thread

 private:
    enum class Stop : std::uint8_t { no, drain, abandon };
    struct Work {
        Request request;
        GroupBuilder::View view;
        std::unique_ptr<rocksdb::ManagedSnapshot> snapshot; // null when there are no pages
    };
    struct Scan; // one request being answered

    void run();
    Store::Page read(Work& work);
    void read_pages(Scan& scan);
    bool read_page(Scan& scan);
    bool take_entry(Scan& scan, const EntryView& entry, const std::uint32_t* redelivered);
    bool take_message(Scan& scan, StoredMessage message) const;
    void fail(Scan& scan, Sequence first, std::string_view what) const;

    const Database& database_;
    const RocksStoreOptions& options_;
    const Sequence unclean_below_;
    // The last message of the page read last, by queue: the next read goes on behind it, without searching backwards.
    std::unordered_map<QueueId, Sequence> page_ends_;

    std::mutex mutex_;
    std::condition_variable work_;
    std::deque<Work> queued_;
    Stop stop_ = Stop::no;
    std::thread thread_;
};

} // namespace storage
