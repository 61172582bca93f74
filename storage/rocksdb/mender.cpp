#include "storage/rocksdb/mender.hpp"

#include "storage/byte_codec.hpp"
#include "storage/records.hpp"
#include "storage/rocksdb/page_codec.hpp"
#include "storage/rocksdb/recovery.hpp"

#include <algorithm>
#include <stdexcept>

namespace storage {
namespace {

void require(const rocksdb::Status& status) {
    if (!status.ok())
        throw std::runtime_error("the repaired store cannot be written: " + status.ToString());
}

std::string messages(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " message" : " messages");
}

} // namespace

Mender::Mender(Database& database, SayLine say, MayBeLost lost)
    : database_(database),
      say_(std::move(say)),
      lost_(lost),
      examiner_(database, [this](const Finding& finding) { findings_.push_back(finding); }, {}) {}

void Mender::mend() {
    examiner_.examine();
    for (const Finding& finding : findings_)
        take_out(finding);
    write(); // pages are counted as the database has them
    if (lost_.queue_rows)
        recount_.insert(examiner_.rowless().begin(), examiner_.rowless().end());
    for (const QueueId queue : recount_)
        count_anew(queue);
    if (log_damaged_)
        move_log_to_pages();
    if (lost_.records)
        adopt_strays();
    begin_anew();
    write();
}

void Mender::take_out(const Finding& finding) {
    const auto erase = [&](Family family) { require(writes_.Delete(database_.family(family), finding.key)); };
    switch (finding.kind) {
    case Finding::Kind::unreadable:
        throw std::runtime_error("the repaired store cannot be read: " + finding.text);
    case Finding::Kind::node_row:
        return erase(Family::node);
    case Finding::Kind::record:
        say_("lost: " + finding.text);
        lost_.records = true;
        return erase(Family::records);
    case Finding::Kind::page:
        say_("taken out: " + finding.text);
        recount_.insert(finding.queue);
        erase(Family::acks);
        return erase(Family::pages);
    case Finding::Kind::ack_row:
        say_("taken out: " + finding.text + "; what was settled of the page comes back");
        recount_.insert(finding.queue);
        return erase(Family::acks);
    case Finding::Kind::counts:
        if (!finding.key.empty())
            return erase(Family::queues);
        recount_.insert(finding.queue);
        return;
    case Finding::Kind::log:
        say_("lost: " + finding.text + "; what it had settled comes back");
        log_damaged_ = true;
        return;
    }
}

void Mender::count_anew(QueueId queue) {
    const auto known = examiner_.paged().find(queue);
    const bool has_row = known != examiner_.paged().end() && !known->second.row_damaged;
    const QueueState row = has_row ? known->second.row : QueueState{.queue = queue};
    QueueState counted = count_queue(database_, queue, row.head);
    counted.last = std::max(counted.last, row.last);
    const std::string name = examiner_.name_of_queue(queue);
    if (!has_row)
        say_(name + ": counted anew, " + messages(counted.messages) + "; settled ones may come back");
    else if (counted.messages < row.messages)
        say_("lost: " + messages(row.messages - counted.messages) + " of " + std::to_string(row.messages) + " in " +
             name);
    else if (counted.messages > row.messages)
        say_(name + ": " + messages(counted.messages - row.messages) + " that were settled come back");
    put_row(counted);
}

void Mender::put_row(const QueueState& state) {
    rows_[state.queue] = state;
    const std::string key = encode_key(state.queue);
    if (state.messages == 0)
        require(writes_.Delete(database_.family(Family::queues), key));
    else
        require(writes_.Put(database_.family(Family::queues), key, encode_queue_row(state)));
}

QueueState Mender::row_of(QueueId queue) const {
    if (const auto anew = rows_.find(queue); anew != rows_.end())
        return anew->second;
    const auto known = examiner_.paged().find(queue);
    return known == examiner_.paged().end() ? QueueState{.queue = queue} : known->second.row;
}

// With a value missing, later ones do not say what is in the log any more. All in one write batch: a message is in the
// log or in a page, never in both.
void Mender::move_log_to_pages() {
    for (const auto& [queue, young] : examiner_.young())
        if (!young.messages.empty())
            put_row(move_to_pages(queue, young));
    const auto at = database_.iterate(Family::log);
    for (at->SeekToFirst(); at->Valid(); at->Next())
        require(writes_.Delete(database_.family(Family::log), at->key()));
    require(at->status());
}

// Without those that a lost value had moved already: everything in pages is older than what was left in the log.
QueueState Mender::move_to_pages(QueueId queue, const Examiner::Young& young) {
    QueueState state = row_of(queue);
    std::vector<StoredMessage> moved;
    young.messages.for_each_from(state.last + 1, [&](const YoungMessage& message) {
        moved.push_back(message.entry);
        return true;
    });
    std::vector<const StoredMessage*> pointers;
    for (const StoredMessage& message : moved) {
        pointers.push_back(&message);
        state.messages += 1;
        state.body_bytes += message.message->body_size();
        state.last = message.sequence;
    }
    if (state.head == 0 && !moved.empty())
        state.head = moved.front().sequence;
    PageEncoder encoder;
    for (std::span<const StoredMessage* const> rest(pointers); !rest.empty();) {
        const std::size_t count = next_page_size(rest);
        const PageKey key{queue, rest.front()->sequence};
        std::string page;
        for (const std::string_view piece : encoder.encode(key, rest.first(count)))
            page += piece;
        require(writes_.Put(database_.family(Family::pages), encode_key(key), page));
        rest = rest.subspan(count);
    }
    state.delivered_up_to = std::max(state.delivered_up_to, young.delivered_up_to);
    return state;
}

// Whose virtual host has lost its record, and messages whose queue has.
void Mender::adopt_strays() {
    ShardId last = node_shard;
    for (const ShardId shard : examiner_.shards()) {
        last = std::max(last, shard);
        if (shard != node_shard && !examiner_.has_virtual_host(shard))
            name_virtual_host(shard);
    }
    std::map<QueueId, std::uint64_t> strays;
    for (const auto& [queue, paged] : examiner_.paged())
        strays[queue] += row_of(queue).messages;
    for (const auto& [queue, young] : examiner_.young())
        strays[queue] += young.messages.size();
    std::erase_if(strays, [&](const auto& stray) { return stray.second == 0 || examiner_.knows(stray.first); });
    if (strays.empty())
        return;
    const ShardId shard = last + 1;
    name_virtual_host(shard);
    for (const auto& [queue, count] : strays) {
        QueueRecord record;
        record.name = "recovered-" + std::to_string(queue);
        record.id = queue;
        say_("queue '" + record.name + "' has messages whose queue is lost");
        require(writes_.Put(database_.family(Family::records), encode_key(shard, key_of(record)),
                            encode_record(record)));
    }
}

void Mender::name_virtual_host(ShardId shard) {
    VirtualHostRecord record;
    record.name = "recovered-" + std::to_string(shard);
    record.shard = shard;
    record.description = "Made by leveret repair";
    say_("virtual host '" + record.name + "' has what lost its own");
    require(writes_.Put(database_.family(Family::records), encode_key(node_shard, key_of(record)),
                        encode_record(record)));
}

// As after a crash: whatever there is may have been delivered, and nothing new gets an old number.
void Mender::begin_anew() {
    auto* const node = database_.family(Family::node);
    std::string format;
    put_little_endian(format, format_version);
    std::string epoch;
    put_little_endian(epoch, examiner_.highest_epoch());
    require(writes_.Put(node, slice(node_rows::format), format));
    require(writes_.Put(node, slice(node_rows::epoch), epoch));
    require(writes_.Put(node, slice(node_rows::unclean), epoch));
    require(writes_.Delete(node, slice(node_rows::clean)));
}

void Mender::write() {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    require(database_.db().Write(synced, &writes_));
    writes_.Clear();
}

} // namespace storage
