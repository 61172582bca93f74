// What looks after a store that no broker has open: leveret verify and leveret repair. No RocksDB type is visible here.
// Both throw std::runtime_error with one clear line when there is no doing it: no data directory, in use, of a newer
// format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace storage {

using SayLine = std::function<void(std::string_view line)>;

// What could be read.
struct StoreContents {
    std::uint64_t records = 0;
    std::uint64_t queues = 0; // that have messages
    std::uint64_t messages = 0;
    std::uint64_t body_bytes = 0;
    std::uint64_t pages = 0;
    std::uint64_t log_values = 0;
};

struct Verified {
    StoreContents contents;
    std::uint64_t findings = 0;
};

// Reads everything and changes nothing. A line for each thing that is not as it should be; `note` is told of what looks
// odd and does no harm.
Verified verify_rocksdb(const std::filesystem::path& directory, const SayLine& finding, const SayLine& note);

struct Repaired {
    StoreContents contents; // now
    bool changed = false;
    std::filesystem::path original; // where the damaged store is kept
};

// Makes a store that opens and verifies without findings, from what can be read; a line for each thing that was lost or
// done. A body is never invented, and never changed.
Repaired repair_rocksdb(const std::filesystem::path& directory, const SayLine& say);

} // namespace storage
