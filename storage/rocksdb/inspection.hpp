// How the tools open a store: read only, whatever state its logs are in.
#pragma once

#include "storage/rocksdb/data_directory.hpp"
#include "storage/rocksdb/examiner.hpp"

#include <memory>

namespace storage {

RocksStoreOptions quiet_options(); // RocksDB makes a log file of its own where it is given no logger

// Tells what is wrong with the logs and the database as a whole; an unfinished write at the end of the newest log is
// only noted. Null when there is no reading it at all. Throws std::runtime_error when it is somebody else's database.
std::unique_ptr<Database> open_for_inspection(const DataDirectory& directory, const Examiner::Found& found,
                                              const SayLine& note);

} // namespace storage
