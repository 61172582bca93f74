// Makes a database whose every key can be read into one that verifies: takes out what is damaged, counts queues anew,
// moves what is readable of a damaged commit log to pages, gives what lost its record a place where it can be found.
// Says what is lost. For leveret repair, on one thread.
#pragma once

#include "storage/rocksdb/examiner.hpp"

#include <rocksdb/write_batch.h>

#include <set>

namespace storage {

// What may be missing without a trace.
struct MayBeLost {
    bool records = false;
    bool queue_rows = false;
};

class Mender {
 public:
    Mender(Database& database, SayLine say, MayBeLost lost);

    void mend(); // throws std::runtime_error when the database cannot be written

 private:
    void take_out(const Finding& finding);
    void count_anew(QueueId queue);
    void put_row(const QueueState& state);
    void move_log_to_pages();
    QueueState move_to_pages(QueueId queue, const Examiner::Young& young);
    QueueState row_of(QueueId queue) const;
    void adopt_strays();
    void name_virtual_host(ShardId shard);
    void begin_anew();
    void write();

    Database& database_;
    const SayLine say_;
    MayBeLost lost_;
    std::vector<Finding> findings_;
    Examiner examiner_;
    rocksdb::WriteBatch writes_;
    std::set<QueueId> recount_;
    std::map<QueueId, QueueState> rows_; // written anew
    bool log_damaged_ = false;
};

} // namespace storage
