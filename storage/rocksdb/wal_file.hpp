// One write-ahead log as RocksDB writes it, looked through for what cannot be read: blocks of 32 KiB with pieces of
// records, each record a write batch with the sequence number of its first change. RocksDB itself goes on behind zeros
// as if nothing had been there; this does not.
//
//   piece = crc32c:u32 (masked, of type and text)  size:u16  type:u8 (1 whole, 2 first, 3 middle, 4 last)  text
//
// Every batch of ours says how far everything was synced when it was written (RocksDB's log data, without a key):
//   claim = version:u8=2  sequence:u64  end:u8=0xA5   no batch ends in zeros: a log does that was not closed
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace storage {

struct WalFault {
    std::uint64_t begin = 0; // behind the last batch that can be read
    std::uint64_t end = 0;   // where the next one begins, or the log ends
    bool hole = false;       // sectors of it were never written
    bool cut_short = false;  // the log ends within a record
};

struct WalContents {
    std::uint64_t size = 0;         // without the zeros at its end
    std::uint64_t readable_end = 0; // of the last batch that can be read
    std::uint64_t batches = 0;      // that can be read
    std::uint64_t lost_changes = 0; // between those, by their numbers
    std::vector<WalFault> faults;
    // Of the first fault:
    std::uint64_t next_sequence = 0;  // what it should have gone on with; 0: nobody knows
    std::uint64_t batches_behind = 0; // that can be read
    std::uint64_t synced_behind = 0;  // what those say was synced

    // A write that never ended when the power went: nothing of it, or behind it, was synced.
    bool is_torn() const;
};

// Both throw std::runtime_error when there is no reading it.
using WalRecordVisitor = std::function<void(std::string_view record)>;
WalContents read_wal(const std::filesystem::path& file, const WalRecordVisitor& visit = {});
// Leaves a log of every record that can be read. RocksDB 7.8 cannot do it: going on behind a damaged record of several
// blocks it compares the next one with a checksum of both. For the copy that leveret repair works on.
void rewrite_damaged_wal(const std::filesystem::path& file);

std::string encode_sync_claim(std::uint64_t sequence);
std::optional<std::uint64_t> decode_sync_claim(std::string_view claim);

} // namespace storage
