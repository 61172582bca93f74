#include "storage/rocksdb/wal_file.hpp"

#include "storage/byte_codec.hpp"
#include "storage/crc32c.hpp"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace storage {
namespace {

constexpr std::uint64_t block_size = 32 * 1024;
constexpr std::size_t header_size = 7;
constexpr std::uint64_t sector_size = 512;
constexpr std::uint64_t least_hole = 8; // fewer zeros at the end of a damaged stretch say nothing
constexpr std::uint8_t claim_version = 2;
constexpr std::uint8_t claim_end = 0xa5;
constexpr std::uint64_t version_1_zeros = 8; // of a claim without an end, in a log without zeros behind it

enum PieceType : std::uint8_t { blank = 0, whole = 1, first = 2, middle = 3, last = 4 };

std::uint32_t masked(std::uint32_t crc) {
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

struct Batch {
    std::uint64_t sequence = 0;
    std::uint64_t changes = 0;
    std::uint64_t synced = 0;
};

// What is in a batch matters to RocksDB alone; that it can be read, and its claim, to us.
struct ClaimReader final : rocksdb::WriteBatch::Handler {
    using Slice = rocksdb::Slice;
    using Status = rocksdb::Status;
    Status PutCF(std::uint32_t, const Slice&, const Slice&) override { return Status::OK(); }
    Status DeleteCF(std::uint32_t, const Slice&) override { return Status::OK(); }
    Status SingleDeleteCF(std::uint32_t, const Slice&) override { return Status::OK(); }
    Status DeleteRangeCF(std::uint32_t, const Slice&, const Slice&) override { return Status::OK(); }
    void LogData(const Slice& data) override {
        claim = decode_sync_claim({data.data(), data.size()}).value_or(claim);
    }
    std::uint64_t claim = 0;
};

std::optional<Batch> read_batch(const std::string& record) {
    ByteReader in(record);
    Batch batch;
    batch.sequence = in.little_endian<std::uint64_t>();
    batch.changes = in.little_endian<std::uint32_t>();
    if (!in.ok())
        return std::nullopt;
    ClaimReader reader;
    if (!rocksdb::WriteBatch(record).Iterate(&reader).ok())
        return std::nullopt;
    batch.synced = reader.claim;
    return batch;
}

class WalReader {
 public:
    WalReader(const std::filesystem::path& path, const WalRecordVisitor& visit)
        : path_(path),
          visit_(visit),
          file_(path, std::ios::binary) {
        if (!file_)
            throw std::runtime_error("the write-ahead log " + path.string() + " cannot be read");
        contents_.size = size_without_zeros();
    }

    WalContents read() {
        for (block_begin_ = 0; block_begin_ < contents_.size; block_begin_ += block_size) {
            block_.resize(std::min(block_size, contents_.size - block_begin_));
            read_octets(block_begin_);
            read_block();
        }
        if (in_record_) {
            cut_short_ = true;
            spoil();
        }
        if (spoilt_)
            add_fault(contents_.size);
        return std::move(contents_);
    }

 private:
    std::uint64_t size_without_zeros() {
        const std::uint64_t size = std::filesystem::file_size(path_);
        for (std::uint64_t end = size; end > 0;) {
            const std::uint64_t begin = (end - 1) / block_size * block_size;
            block_.resize(end - begin);
            read_octets(begin);
            if (const auto at = block_.find_last_not_of('\0'); at != std::string::npos)
                return size - (begin + at + 1) <= version_1_zeros ? size : begin + at + 1;
            end = begin;
        }
        return 0;
    }

    void read_octets(std::uint64_t begin) { // as many as block_ has
        file_.seekg(static_cast<std::streamoff>(begin));
        if (!file_.read(block_.data(), static_cast<std::streamsize>(block_.size())))
            throw std::runtime_error("the write-ahead log " + path_.string() + " cannot be read");
    }

    // RocksDB gives up the rest of a block behind damage. What is readable there may say what was synced.
    void read_block() {
        std::size_t at = 0;
        while (block_.size() - at >= header_size) {
            const auto piece = piece_at(at);
            if (piece) {
                take_piece(piece->type, block_begin_ + at, piece->text);
                at += header_size + piece->text.size();
                continue;
            }
            note_damage(at);
            for (++at; block_.size() - at >= header_size && !piece_at(at);)
                ++at;
        }
        if (!spoilt_ && is_last_block() && block_.find_first_not_of('\0', at) != std::string::npos) {
            cut_short_ = true; // a part of a header
            spoil();
        }
    }

    bool is_last_block() const { return block_begin_ + block_.size() == contents_.size; }

    struct Piece {
        std::uint8_t type;
        std::string_view text;
    };

    std::optional<Piece> piece_at(std::size_t at) const {
        ByteReader in(std::string_view(block_).substr(at));
        const auto checksum = in.little_endian<std::uint32_t>();
        const auto size = in.little_endian<std::uint16_t>();
        const auto type = in.u8();
        const std::string_view text = in.bytes(size);
        if (!in.ok() || type == blank || type > last)
            return std::nullopt;
        const std::string_view covered(block_.data() + at + header_size - 1, 1u + size);
        return masked(crc32c(covered)) == checksum ? std::optional(Piece{type, text}) : std::nullopt;
    }

    void note_damage(std::size_t at) {
        ByteReader in(std::string_view(block_).substr(at + 4));
        const auto size = in.little_endian<std::uint16_t>();
        const auto type = in.u8();
        if (type == blank && size == 0 && !in_record_ && contents_.batches > 0)
            return; // nothing follows, or a gap will show
        cut_short_ = cut_short_ || (is_last_block() && at + header_size + size > block_.size());
        spoil();
    }

    void take_piece(std::uint8_t type, std::uint64_t begin, std::string_view text) {
        const bool begins = type == whole || type == first;
        if (begins == in_record_)
            spoil(); // the end of one is missing, or the beginning of this
        if (begins) {
            record_.clear();
            record_begin_ = begin;
        } else if (!in_record_) {
            return;
        }
        record_ += text;
        in_record_ = type == first || type == middle;
        if (!in_record_)
            take_record(begin + header_size + text.size());
    }

    void take_record(std::uint64_t end) {
        const auto batch = read_batch(record_);
        if (!batch)
            return spoil();
        if (visit_)
            visit_(record_);
        const bool gap = next_sequence_ != 0 && batch->sequence != next_sequence_;
        if (spoilt_ || gap) {
            if (gap && batch->sequence > next_sequence_)
                contents_.lost_changes += batch->sequence - next_sequence_;
            add_fault(record_begin_);
        }
        contents_.batches += 1;
        if (!contents_.faults.empty()) {
            contents_.batches_behind += 1;
            contents_.synced_behind = std::max(contents_.synced_behind, batch->synced);
        }
        next_sequence_ = batch->sequence + batch->changes;
        contents_.readable_end = end;
    }

    void spoil() {
        spoilt_ = true;
        in_record_ = false;
    }

    void add_fault(std::uint64_t end) {
        if (contents_.faults.empty())
            contents_.next_sequence = next_sequence_;
        contents_.faults.push_back({contents_.readable_end, end, has_hole(contents_.readable_end, end), cut_short_});
        spoilt_ = false;
    }

    // Sectors that were not written are zeros: whole ones, or the rest of the one that was the last.
    bool has_hole(std::uint64_t begin, std::uint64_t end) const {
        std::ifstream file(path_, std::ios::binary);
        std::string sector;
        for (std::uint64_t at = begin; at < end;) {
            const std::uint64_t next = std::min((at / sector_size + 1) * sector_size, contents_.size);
            sector.resize(next - at);
            file.seekg(static_cast<std::streamoff>(at));
            if (!file.read(sector.data(), static_cast<std::streamsize>(sector.size())))
                return false;
            if (next <= end && next - at >= least_hole && sector.find_first_not_of('\0') == std::string::npos)
                return true;
            at = next;
        }
        return false;
    }

    const std::filesystem::path path_;
    const WalRecordVisitor& visit_;
    std::ifstream file_;
    WalContents contents_;
    std::string block_;
    std::uint64_t block_begin_ = 0;
    std::string record_;
    std::uint64_t record_begin_ = 0;
    bool in_record_ = false;
    bool spoilt_ = false; // since the last batch that can be read
    bool cut_short_ = false;
    std::uint64_t next_sequence_ = 0;
};

// In pieces that do not cross the end of a block.
void put_record(std::string& out, std::string_view record) {
    for (bool begins = true; begins || !record.empty(); begins = false) {
        std::uint64_t room = block_size - out.size() % block_size;
        if (room < header_size) {
            out.append(room, '\0');
            room = block_size;
        }
        const std::string_view text = record.substr(0, room - header_size);
        record.remove_prefix(text.size());
        const bool ends = record.empty();
        const auto type = static_cast<char>(begins ? (ends ? whole : first) : (ends ? last : middle));
        put_little_endian(out, masked(crc32c_extend(crc32c({&type, 1}), text)));
        put_little_endian(out, static_cast<std::uint16_t>(text.size()));
        out.push_back(type);
        out.append(text);
    }
}

} // namespace

bool WalContents::is_torn() const {
    if (faults.empty() || !(faults.front().hole || faults.front().cut_short))
        return false;
    return batches_behind == 0 || (next_sequence != 0 && synced_behind < next_sequence);
}

WalContents read_wal(const std::filesystem::path& file, const WalRecordVisitor& visit) {
    return WalReader(file, visit).read();
}

void rewrite_damaged_wal(const std::filesystem::path& file) {
    std::string fresh;
    const WalContents contents = read_wal(file, [&](std::string_view record) { put_record(fresh, record); });
    if (contents.faults.empty())
        return;
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    if (!out.write(fresh.data(), static_cast<std::streamsize>(fresh.size())) || !out.flush())
        throw std::runtime_error("the copy of the write-ahead log " + file.string() + " cannot be written");
}

std::string encode_sync_claim(std::uint64_t sequence) {
    std::string claim{static_cast<char>(claim_version)};
    put_little_endian(claim, sequence);
    claim.push_back(static_cast<char>(claim_end));
    return claim;
}

std::optional<std::uint64_t> decode_sync_claim(std::string_view claim) {
    ByteReader in(claim);
    const auto version = in.u8();
    const auto sequence = in.little_endian<std::uint64_t>();
    const bool ended = version == 1 || in.u8() == claim_end;
    return in.at_end() && ended && (version == 1 || version == claim_version) ? std::optional(sequence) : std::nullopt;
}

} // namespace storage
