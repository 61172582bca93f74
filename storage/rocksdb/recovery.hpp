// What a start does with what it finds: numbers the epoch, and reads records and queue rows. Never a page, unless a
// queue's row is damaged. The commit log is read by GroupBuilder.
#pragma once

#include "storage/rocksdb/database.hpp"

#include <vector>

namespace storage {

struct Opened {
    std::uint64_t epoch = 0;         // of this open
    std::uint64_t unclean_epoch = 0; // the latest one that was not closed; 0: none
    std::vector<QueueState> paged; // what is in pages; the commit log has the rest
};

// Both throw std::runtime_error with one clear line. The epoch is on disk when begin_epoch returns.
Opened begin_epoch(const Database& database, const RocksStoreOptions& options);
void visit_records(const Database& database, RecoveryVisitor& visitor);

// The state of a queue from its pages, as far as they can be read, when its row does not say it.
QueueState count_queue(const Database& database, QueueId queue, Sequence head = 0);

inline constexpr std::uint32_t format_version = 1;
std::string wrong_format(std::uint32_t version);

bool end_epoch(const Database& database, std::uint64_t epoch); // says, on disk, that nothing more will come

} // namespace storage
