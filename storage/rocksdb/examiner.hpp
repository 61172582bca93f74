// Reads all of a store and compares: every record, row, page and value of the commit log; whether it can be read, and
// whether they fit each other. Says what does not; knows afterwards what there is. Leaves out what does no harm: pages
// below the head of their queue, or of queues without a row. Changes nothing. For the tools, on one thread.
#pragma once

#include "storage/rocksdb/careful_scan.hpp"
#include "storage/rocksdb/key_codec.hpp"
#include "storage/rocksdb/row_codec.hpp"
#include "storage/rocksdb/young_messages.hpp"
#include "storage/store_tools.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>

namespace storage {

struct Finding {
    enum class Kind : std::uint8_t {
        unreadable, // by RocksDB
        node_row,
        record,
        page,
        ack_row,
        counts, // a queue row that is damaged, or does not fit the pages
        log,
    };
    Kind kind;
    std::string key;   // of a record, page, ack row or node row
    QueueId queue = 0; // of a queue row
    std::string text;
};

std::string text_of(const UnreadableRange& range);

class Examiner {
 public:
    using Found = std::function<void(const Finding&)>;
    Examiner(const Database& database, Found found, SayLine note);

    void examine(); // throws std::runtime_error when the store has another format

    const StoreContents& contents() const { return contents_; }
    std::string name_of_queue(QueueId queue) const;

    // What is in pages, of every queue that has a row.
    struct Paged {
        bool row_damaged = false;
        QueueState row;
        QueueState counted; // what the pages that can be read have
    };
    const std::map<QueueId, Paged>& paged() const { return paged_; }
    const std::set<QueueId>& rowless() const { return rowless_; } // that have a record and pages

    // What is in the commit log.
    struct Young {
        YoungMessages messages;
        Sequence last = 0;
        Sequence delivered_up_to = 0;
    };
    const std::map<QueueId, Young>& young() const { return young_; }

    bool knows(QueueId queue) const { return queues_.contains(queue); }
    const std::set<ShardId>& shards() const { return shards_; } // of all records and virtual hosts
    bool has_virtual_host(ShardId shard) const { return virtual_hosts_.contains(shard); }
    std::uint64_t highest_epoch() const { return highest_epoch_; } // that anything is of

 private:
    CarefulScan scan(Family family);
    void found(Finding::Kind kind, std::string text, std::string_view key = {}, QueueId queue = 0);
    void saw(Sequence sequence); // or number of a log value
    void examine_node();
    void examine_records();
    void examine_record(std::string_view key, std::string_view value);
    void examine_queue_rows();
    void examine_pages();
    void examine_page(const PageKey& key, std::string_view value, const std::string* ack_row);
    void examine_ack_row(const PageKey& key);
    void compare_counts();
    void examine_log();
    void examine_log_value(LogNumber number, std::string_view value);
    std::string guessed_loss(LogNumber number, std::string_view value) const;
    void count_young();
    void count_strays();

    const Database& database_;
    const Found found_;
    const SayLine note_;
    StoreContents contents_;
    std::map<QueueId, std::string> queues_; // those that have a record: what to call them
    std::map<ShardId, std::string> virtual_hosts_;
    std::set<ShardId> shards_;
    std::map<QueueId, Paged> paged_;
    std::set<QueueId> rowless_;
    std::map<QueueId, Young> young_;
    std::uint64_t highest_epoch_ = 0;
    std::uint64_t dead_pages_ = 0;
    LogNumber last_log_ = 0;
};

} // namespace storage
