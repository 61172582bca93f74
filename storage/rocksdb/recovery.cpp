#include "storage/rocksdb/recovery.hpp"

#include "storage/byte_codec.hpp"
#include "storage/rocksdb/key_codec.hpp"
#include "storage/rocksdb/page_codec.hpp"
#include "storage/rocksdb/row_codec.hpp"

#include <algorithm>
#include <stdexcept>

namespace storage {
namespace {

void require(const rocksdb::Status& status) {
    if (!status.ok())
        throw std::runtime_error("the store cannot be used: " + status.ToString());
}

std::uint64_t number_row(const Database& database, std::string_view name) {
    const auto row = database.get(Family::node, name);
    if (!row)
        return 0;
    ByteReader in(*row);
    const auto number = in.little_endian<std::uint64_t>();
    if (!in.at_end())
        throw std::runtime_error("the store is damaged: its row " + std::string(name) + " cannot be read");
    return number;
}

void put_number(const Database& database, rocksdb::WriteBatch& writes, std::string_view name, std::uint64_t number) {
    std::string row;
    put_little_endian(row, number);
    require(writes.Put(database.family(Family::node), slice(name), row));
}

void check_format(const Database& database, rocksdb::WriteBatch& writes) {
    const auto row = database.get(Family::node, node_rows::format);
    if (!row) {
        std::string fresh;
        put_little_endian(fresh, format_version);
        require(writes.Put(database.family(Family::node), slice(node_rows::format), fresh));
        return;
    }
    ByteReader in(*row);
    const auto version = in.little_endian<std::uint32_t>();
    if (!in.at_end() || version != format_version)
        throw std::runtime_error(wrong_format(version));
}

std::vector<QueueState> read_queue_rows(const Database& database, const RocksStoreOptions& options) {
    std::vector<QueueState> queues;
    const auto at = database.iterate(Family::queues);
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        const auto queue = decode_id_key(view(at->key()));
        if (!queue)
            throw std::runtime_error("the store is damaged: a queue row has no proper key");
        const auto state = decode_queue_row(*queue, view(at->value()));
        if (state) {
            queues.push_back(*state);
            continue;
        }
        if (options.log)
            options.log(LogLevel::warning, "queue " + std::to_string(*queue) + ": " + state.error().text +
                                               ", counted anew from its pages");
        queues.push_back(count_queue(database, *queue));
    }
    require(at->status());
    return queues;
}

} // namespace

QueueState count_queue(const Database& database, QueueId queue, Sequence head) {
    QueueState state{.queue = queue};
    const std::string upper = encode_key(PageKey{queue + 1, 0});
    const rocksdb::Slice upper_slice(upper);
    rocksdb::ReadOptions read;
    read.iterate_upper_bound = &upper_slice;
    const auto at = database.iterate(Family::pages, read);
    for (at->Seek(encode_key(PageKey{queue, head})); at->Valid(); at->Next()) {
        const auto key = decode_page_key(view(at->key()));
        const auto entries = key ? decode_page(*key, view(at->value())) : amqp::internal_error("page key is damaged");
        if (!entries)
            continue; // reported when it is read
        PageAcks acks;
        if (const auto row = database.get(Family::acks, encode_key(*key)))
            if (auto decoded = decode_ack_row(*key, entries->size(), *row))
                acks = std::move(*decoded);
        if (state.head == 0)
            state.head = key->first;
        state.last = entries->back().sequence;
        for (std::size_t i = 0; i < entries->size(); ++i) {
            if (acks.is_settled(i))
                continue;
            state.messages += 1;
            state.body_bytes += (*entries)[i].body.size();
        }
    }
    require(at->status());
    state.delivered_up_to = state.last; // nobody knows
    return state;
}

std::string wrong_format(std::uint32_t version) {
    return "the store has format " + std::to_string(version) + ", this program reads format " +
           std::to_string(format_version);
}

Opened begin_epoch(const Database& database, const RocksStoreOptions& options) {
    rocksdb::WriteBatch writes;
    check_format(database, writes);
    Opened opened;
    const std::uint64_t before = number_row(database, node_rows::epoch);
    const bool clean = number_row(database, node_rows::clean) == before;
    opened.epoch = before + 1;
    opened.unclean_epoch = clean ? number_row(database, node_rows::unclean) : before;
    put_number(database, writes, node_rows::epoch, opened.epoch);
    put_number(database, writes, node_rows::unclean, opened.unclean_epoch);
    require(writes.Delete(database.family(Family::node), slice(node_rows::clean)));
    rocksdb::WriteOptions synced;
    synced.sync = true;
    require(database.db().Write(synced, &writes));

    opened.paged = read_queue_rows(database, options);
    return opened;
}

void visit_records(const Database& database, RecoveryVisitor& visitor) {
    const auto at = database.iterate(Family::records);
    for (at->SeekToFirst(); at->Valid(); at->Next()) {
        auto key = decode_record_key(view(at->key()));
        if (!key)
            throw std::runtime_error("the store is damaged: a record has no proper key");
        visitor.on_record(key->shard, std::move(key->key), view(at->value()));
    }
    require(at->status());
}

bool end_epoch(const Database& database, std::uint64_t epoch) {
    rocksdb::WriteBatch writes;
    put_number(database, writes, node_rows::clean, epoch);
    rocksdb::WriteOptions synced;
    synced.sync = true;
    return database.db().Write(synced, &writes).ok();
}

} // namespace storage
