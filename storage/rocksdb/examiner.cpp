// Examiner: node rows, records and queue rows.
#include "storage/rocksdb/examiner.hpp"

#include "storage/byte_codec.hpp"
#include "storage/rocksdb/record_check.hpp"
#include "storage/rocksdb/recovery.hpp"

#include <algorithm>
#include <stdexcept>

namespace storage {
namespace {

constexpr const char* family_names[family_count] = {"node rows", "records", "queue rows",
                                                    "pages",     "acks",    "commit log"};

std::string place(Family family, std::string_view key) {
    if (key.empty())
        return "";
    if (family == Family::pages || family == Family::acks)
        if (const auto page = decode_page_key(key))
            return " queue " + std::to_string(page->queue) + " message " + std::to_string(page->first);
    if (family == Family::queues || family == Family::log)
        if (const auto id = decode_id_key(key))
            return " " + std::to_string(*id);
    if (family == Family::records)
        if (const auto record = decode_record_key(key))
            return " " + name_of(record->key);
    return " '" + printable(key) + "'";
}

} // namespace

std::string text_of(const UnreadableRange& range) {
    const std::string after = place(range.family, range.after);
    const std::string before = place(range.family, range.before);
    return std::string(family_names[static_cast<std::size_t>(range.family)]) + " cannot be read" +
           (after.empty() ? " from the beginning" : " behind" + after) +
           (before.empty() ? " to the end" : " up to" + before) + ": " + range.reason;
}

Examiner::Examiner(const Database& database, Found found, SayLine note)
    : database_(database),
      found_(std::move(found)),
      note_(std::move(note)) {}

void Examiner::examine() {
    examine_node();
    examine_records();
    examine_queue_rows();
    examine_pages();
    compare_counts();
    examine_log();
    count_young();
    count_strays();
}

CarefulScan Examiner::scan(Family family) {
    return {database_, family,
            [this](const UnreadableRange& range) { found(Finding::Kind::unreadable, text_of(range)); }};
}

void Examiner::found(Finding::Kind kind, std::string text, std::string_view key, QueueId queue) {
    found_({kind, std::string(key), queue, std::move(text)});
}

void Examiner::saw(Sequence sequence) {
    highest_epoch_ = std::max(highest_epoch_, sequence >> epoch_shift);
}

std::string Examiner::name_of_queue(QueueId queue) const {
    const auto known = queues_.find(queue);
    return known == queues_.end() ? "queue number " + std::to_string(queue) : known->second;
}

void Examiner::examine_node() {
    bool has_format = false;
    bool has_epoch = false;
    for (CarefulScan at = scan(Family::node); at.valid(); at.next()) {
        ByteReader in(at.value());
        if (at.key() == node_rows::format) {
            has_format = true;
            const auto version = in.little_endian<std::uint32_t>();
            if (in.at_end() && version != format_version)
                throw std::runtime_error(wrong_format(version));
        } else if (at.key() == node_rows::epoch || at.key() == node_rows::clean || at.key() == node_rows::unclean) {
            has_epoch |= at.key() == node_rows::epoch;
            highest_epoch_ = std::max(highest_epoch_, in.little_endian<std::uint64_t>());
        } else if (at.key().size() == 5 && at.key().front() == 's') {
            highest_epoch_ = std::max(highest_epoch_, in.little_endian<std::uint64_t>());
            in.little_endian<std::uint64_t>();
        } else {
            in.fail();
        }
        if (!in.at_end())
            found(Finding::Kind::node_row, "the node row '" + printable(at.key()) + "' is damaged", at.key());
    }
    if (!has_format)
        found(Finding::Kind::node_row, "the node row 'format' is missing", node_rows::format);
    if (!has_epoch)
        found(Finding::Kind::node_row, "the node row 'epoch' is missing", node_rows::epoch);
}

void Examiner::examine_records() {
    for (CarefulScan at = scan(Family::records); at.valid(); at.next())
        examine_record(at.key(), at.value());
}

void Examiner::examine_record(std::string_view raw_key, std::string_view value) {
    contents_.records += 1;
    const auto key = decode_record_key(raw_key);
    if (!key)
        return found(Finding::Kind::record, "a record has no proper key", raw_key);
    // The node's come first, so that the virtual host is known.
    const auto host = virtual_hosts_.find(key->shard);
    const std::string of = key->shard == node_shard           ? ""
                           : host == virtual_hosts_.end() ? " of virtual host number " + std::to_string(key->shard)
                                                          : " of virtual host '" + host->second + "'";
    const CheckedRecord record = check_record(key->key, value);
    shards_.insert(key->shard);
    if (!record.fault.empty())
        return found(Finding::Kind::record, name_of(key->key) + of + ": " + record.fault, raw_key);
    if (key->key.type == RecordType::virtual_host) {
        virtual_hosts_[record.its_shard] = printable(key->key.name);
        shards_.insert(record.its_shard);
    }
    if (record.queue == 0)
        return;
    if (!queues_.emplace(record.queue, name_of(key->key) + of).second)
        found(Finding::Kind::record,
              name_of(key->key) + of + " has the messages of " + name_of_queue(record.queue), raw_key);
}

void Examiner::examine_queue_rows() {
    for (CarefulScan at = scan(Family::queues); at.valid(); at.next()) {
        const auto id = decode_id_key(at.key());
        if (!id) {
            found(Finding::Kind::counts, "a queue row has no proper key", at.key());
            continue;
        }
        Paged& paged = paged_[*id];
        paged.counted.queue = *id;
        const auto row = decode_queue_row(*id, at.value());
        paged.row_damaged = !row;
        if (row)
            paged.row = *row;
        else
            found(Finding::Kind::counts, name_of_queue(*id) + ": " + row.error().text, {}, *id);
    }
}

// With the pages counted: what the row says is what is there.
void Examiner::compare_counts() {
    for (const auto& [id, paged] : paged_) {
        contents_.messages += paged.counted.messages;
        contents_.body_bytes += paged.counted.body_bytes;
        contents_.queues += paged.counted.messages > 0;
        if (paged.row_damaged)
            continue;
        const QueueState& row = paged.row;
        const QueueState& counted = paged.counted;
        saw(row.last);
        if (row.messages != counted.messages || row.body_bytes != counted.body_bytes)
            found(Finding::Kind::counts,
                  name_of_queue(id) + ": its row says " + std::to_string(row.messages) + " messages of " +
                      std::to_string(row.body_bytes) + " octets, its pages have " + std::to_string(counted.messages) +
                      " of " + std::to_string(counted.body_bytes),
                  {}, id);
        else if (counted.last > row.last)
            found(Finding::Kind::counts, name_of_queue(id) + ": its pages go on behind what its row says", {}, id);
    }
}

// Their queue went, or the power in the midst of a deletion.
void Examiner::count_strays() {
    std::uint64_t messages = 0;
    for (const auto& [id, paged] : paged_)
        messages += knows(id) ? 0 : paged.counted.messages;
    for (const auto& [id, young] : young_)
        messages += knows(id) ? 0 : young.messages.size();
    if (messages > 0 && note_)
        note_(std::to_string(messages) + " messages are of queues that are not there any more");
    if (dead_pages_ > 0 && note_)
        note_(std::to_string(dead_pages_) + " pages are drained and not yet removed");
}

} // namespace storage
