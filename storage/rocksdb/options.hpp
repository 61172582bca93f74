// Every RocksDB option that is not the default, with its reason. The measurements are in
// docs/adr/0003-pages-in-rocksdb.md.
#pragma once

#include "storage/rocksdb_store.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <vector>

namespace storage {

// The order of the column families in Database.
enum class Family : std::size_t { node, records, queues, pages, acks, log };
inline constexpr std::size_t family_count = 6;

rocksdb::DBOptions database_options(const RocksStoreOptions& options,
                                    std::vector<std::shared_ptr<rocksdb::EventListener>> listeners);
std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksStoreOptions& options);

} // namespace storage
