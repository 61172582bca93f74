#include "storage/rocksdb/page_index.hpp"

#include "storage/rocksdb/page_codec.hpp"

#include <algorithm>

namespace storage {
namespace {

void log_damage(const RocksStoreOptions& options, const PageKey& key, const std::string& what) {
    if (options.log)
        options.log(LogLevel::error,
                    "queue " + std::to_string(key.queue) + ", page " + std::to_string(key.first) + ": " + what);
}

// Messages of a page that cannot be read stay unsettled: they are reported when they are read.
std::optional<LivePage> load(const Database& database, const RocksStoreOptions& options, const PageKey& key,
                             std::string_view value) {
    const auto entries = decode_page(key, value);
    if (!entries) {
        log_damage(options, key, entries.error().text);
        return std::nullopt;
    }
    LivePage page;
    page.first = key.first;
    for (const auto& entry : *entries)
        page.add(entry.sequence, entry.body.size());
    std::string row;
    const auto status = database.db().Get({}, database.family(Family::acks), encode_key(key), &row);
    if (status.IsNotFound())
        return page;
    if (!status.ok()) {
        log_damage(options, key, status.ToString());
        return std::nullopt;
    }
    page.has_ack_row = true;
    auto acks = decode_ack_row(key, page.count(), row);
    if (!acks) {
        log_damage(options, key, acks.error().text);
        return page;
    }
    page.acks = std::move(*acks);
    page.settled = static_cast<std::uint32_t>(std::count(page.acks.settled.begin(), page.acks.settled.end(), true));
    return page;
}

} // namespace

std::size_t LivePage::index_from(Sequence at_least) const {
    if (at_least <= first)
        return 0;
    const Sequence offset = at_least - first;
    if (offsets.empty())
        return static_cast<std::size_t>(std::min<Sequence>(offset, count()));
    return static_cast<std::size_t>(std::lower_bound(offsets.begin(), offsets.end(), offset) - offsets.begin());
}

void LivePage::add(Sequence sequence, std::size_t body_size) {
    const auto offset = static_cast<std::uint32_t>(sequence - first);
    if (offsets.empty() && offset != sizes.size())
        for (std::uint32_t i = 0; i < sizes.size(); ++i)
            offsets.push_back(i);
    if (offset != sizes.size() || !offsets.empty())
        offsets.push_back(offset);
    sizes.push_back(static_cast<std::uint32_t>(body_size));
}

LivePage* QueuePages::find(const Database& database, const RocksStoreOptions& options, Sequence head, Sequence sequence,
                           Sequence end) {
    sequence = std::max(sequence, head);
    if (sequence >= end)
        return nullptr;
    const auto next = pages_.upper_bound(sequence);
    if (next != pages_.begin()) {
        const auto before = std::prev(next);
        if (before->second.last() >= sequence)
            return &before->second;
    }
    const Sequence limit = next == pages_.end() ? end : std::min(end, next->first);
    if (!complete_from(sequence))
        if (auto page = fetch(database, options, head, sequence, limit))
            return &insert(std::move(*page));
    return next != pages_.end() && next->first < end ? &next->second : nullptr;
}

std::optional<LivePage> QueuePages::fetch(const Database& database, const RocksStoreOptions& options, Sequence head,
                                          Sequence sequence, Sequence end) const {
    const std::string lower = encode_key(PageKey{queue_, head});
    const std::string upper = encode_key(PageKey{queue_, end});
    const rocksdb::Slice lower_slice(lower);
    const rocksdb::Slice upper_slice(upper);
    rocksdb::ReadOptions read;
    read.iterate_lower_bound = &lower_slice;
    read.iterate_upper_bound = &upper_slice;
    read.fill_cache = false;
    const auto at = database.iterate(Family::pages, read);
    const auto current = [&]() -> std::optional<LivePage> {
        const auto key = decode_page_key(view(at->key()));
        if (!key || erased(key->first))
            return std::nullopt;
        return load(database, options, *key, view(at->value()));
    };
    at->SeekForPrev(encode_key(PageKey{queue_, sequence}));
    if (at->Valid()) {
        auto page = current();
        if (page && page->last() >= sequence)
            return page;
    }
    for (at->Seek(encode_key(PageKey{queue_, sequence + 1})); at->Valid(); at->Next())
        if (auto page = current())
            return page;
    if (!at->status().ok())
        log_damage(options, {queue_, sequence}, at->status().ToString());
    return std::nullopt;
}

bool QueuePages::erased(Sequence first) const {
    return std::find(erased_.begin(), erased_.end(), first) != erased_.end();
}

LivePage& QueuePages::insert(LivePage page) {
    weight_ += page.weight();
    const Sequence first = page.first;
    return pages_.insert_or_assign(first, std::move(page)).first->second;
}

void QueuePages::erase(Sequence first) {
    const auto found = pages_.find(first);
    weight_ -= found->second.weight();
    pages_.erase(found);
    erased_.push_back(first);
}

void QueuePages::erase_from(Sequence first) {
    for (auto each = pages_.lower_bound(first); each != pages_.end(); each = pages_.erase(each))
        weight_ -= each->second.weight();
    on_disk_below_ = std::min(on_disk_below_, first);
}

LivePage* QueuePages::at(Sequence first) {
    const auto found = pages_.find(first);
    return found == pages_.end() ? nullptr : &found->second;
}

void QueuePages::group_finished(std::size_t max_weight) {
    erased_.clear();
    while (weight_ > max_weight && pages_.size() > 1) {
        const auto newest = std::prev(pages_.end());
        on_disk_below_ = std::max(on_disk_below_, newest->second.last() + 1);
        weight_ -= newest->second.weight();
        pages_.erase(newest);
    }
}

} // namespace storage
