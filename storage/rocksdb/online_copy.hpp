// A copy of a database that is being written to, from which a store opens as after a crash at that moment: tables get a
// second name (or are copied, to another file system), logs are copied as far as they are written. Nothing waits for it
// but the caller. On any thread, one at a time.
#pragma once

#include "protocol/error.hpp"
#include "storage/rocksdb/database.hpp"

#include <cstdint>
#include <filesystem>

namespace storage {

// `directory` must not be there; it is made when the copy is whole and on disk. `reserve` stays free beside it.
amqp::Result<> copy_while_open(const Database& database, const std::filesystem::path& source,
                               const std::filesystem::path& directory, std::uint64_t reserve);

} // namespace storage
