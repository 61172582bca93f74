#include "storage/rocksdb/log_codec.hpp"

#include "storage/crc32c.hpp"
#include "storage/rocksdb/key_codec.hpp"

#include <algorithm>

namespace storage {
namespace {

constexpr std::uint8_t log_version = 1;
constexpr std::size_t checksum_size = 4;

std::int64_t step(std::uint64_t from, std::uint64_t to) {
    return static_cast<std::int64_t>(to - from);
}

Sequence first_sequence_of(LogNumber number) {
    return first_sequence(number >> epoch_shift);
}

bool read_rest(ByteReader& in, std::int64_t base_time_ms, const EntryView* before, LogChange& change) {
    switch (change.kind) {
    case LogChangeKind::append:
        change.entry.sequence = change.sequence;
        return read_entry(in, base_time_ms, before, Sharing::allowed, change.entry);
    case LogChangeKind::settled:
    case LogChangeKind::redelivered:
        change.count = in.varint();
        return in.ok();
    case LogChangeKind::delivered:
        return in.ok();
    }
    return false;
}

// As far as they can be read; false when that is not to the end.
bool read_changes(ByteReader& in, LogNumber number, std::int64_t base_time_ms, std::vector<LogChange>& changes) {
    EntryView before;
    bool any_before = false;
    LogChange last{.sequence = first_sequence_of(number)};
    while (in.remaining() > 0) {
        LogChange change;
        change.kind = static_cast<LogChangeKind>(in.u8());
        change.queue = last.queue + static_cast<std::uint64_t>(in.zigzag());
        change.sequence = last.sequence + static_cast<std::uint64_t>(in.zigzag());
        if (!in.ok() || !read_rest(in, base_time_ms, any_before ? &before : nullptr, change))
            return false;
        if (change.kind == LogChangeKind::append) {
            before = change.entry;
            any_before = true;
        }
        last = change;
        changes.push_back(change);
    }
    return in.at_end();
}

} // namespace

void LogEncoder::begin(LogNumber number, std::int64_t base_time_ms) {
    out_.clear();
    out_.text().push_back(static_cast<char>(log_version));
    put_little_endian(out_.text(), base_time_ms);
    number_ = number;
    base_time_ms_ = base_time_ms;
    empty_ = true;
    queue_ = 0;
    sequence_ = first_sequence_of(number);
    before_ = nullptr;
}

void LogEncoder::begin_change(LogChangeKind kind, QueueId queue, Sequence sequence) {
    out_.text().push_back(static_cast<char>(kind));
    put_zigzag(out_.text(), step(queue_, queue));
    put_zigzag(out_.text(), step(sequence_, sequence));
    queue_ = queue;
    sequence_ = sequence;
    empty_ = false;
}

void LogEncoder::append(QueueId queue, const StoredMessage& entry) {
    begin_change(LogChangeKind::append, queue, entry.sequence);
    put_entry(out_, base_time_ms_, entry, before_, Sharing::allowed);
    before_ = entry.message.get();
}

void LogEncoder::settled(QueueId queue, Sequence first, std::uint64_t count) {
    begin_change(LogChangeKind::settled, queue, first);
    put_varint(out_.text(), count);
}

void LogEncoder::redelivered(QueueId queue, Sequence sequence, std::uint32_t delivery_count) {
    begin_change(LogChangeKind::redelivered, queue, sequence);
    put_varint(out_.text(), delivery_count);
}

void LogEncoder::delivered(QueueId queue, Sequence up_to) {
    begin_change(LogChangeKind::delivered, queue, up_to);
}

std::span<const std::string_view> LogEncoder::finish() {
    return out_.finish(encode_key(number_));
}

amqp::Result<std::vector<LogChange>> decode_log_value(LogNumber number, std::string_view value) {
    if (value.size() < checksum_size)
        return amqp::internal_error("log value is cut short");
    ByteReader checksum(value.substr(value.size() - checksum_size));
    value.remove_suffix(checksum_size);
    if (crc32c_extend(crc32c(encode_key(number)), value) != checksum.little_endian<std::uint32_t>())
        return amqp::internal_error("log value has a wrong checksum");

    ByteReader in(value);
    if (const auto version = in.u8(); version != log_version)
        return amqp::internal_error("log value has version " + std::to_string(version));
    const auto base_time_ms = in.little_endian<std::int64_t>();
    std::vector<LogChange> changes;
    if (!read_changes(in, number, base_time_ms, changes))
        return amqp::internal_error("log value is damaged");
    return changes;
}

std::vector<LogChange> guess_log_changes(LogNumber number, std::string_view value) {
    value.remove_suffix(std::min(value.size(), checksum_size));
    ByteReader in(value);
    in.u8();
    const auto base_time_ms = in.little_endian<std::int64_t>();
    std::vector<LogChange> changes;
    read_changes(in, number, base_time_ms, changes);
    return changes;
}

} // namespace storage
