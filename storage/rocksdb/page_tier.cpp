#include "storage/rocksdb/page_tier.hpp"

#include <algorithm>

namespace storage {
namespace {

constexpr std::size_t max_queue_weight = 64 * 1024;       // about half a megabyte of page index per queue,
constexpr std::size_t max_total_weight = 8 * 1024 * 1024; // 64 MiB in all
constexpr std::size_t few_pages = 64; // are deleted one by one: every reader pays for a range tombstone

// A message less. Counts read from disk are not trusted so far as to wrap around.
void forget(QueueState& state, std::size_t body_size) {
    state.messages -= std::min<std::uint64_t>(state.messages, 1);
    state.body_bytes -= std::min<std::uint64_t>(state.body_bytes, body_size);
}

} // namespace

void PageTier::append(PagedMessages& paged, std::span<const StoredMessage* const> entries) {
    if (paged.empty())
        paged.state.head = entries.front()->sequence;
    for (auto rest = entries; !rest.empty();) {
        const std::size_t count = next_page_size(rest);
        write_page(paged, rest.first(count));
        rest = rest.subspan(count);
    }
    paged.state.last = entries.back()->sequence;
    paged.changed = true;
}

void PageTier::write_page(PagedMessages& paged, std::span<const StoredMessage* const> entries) {
    const PageKey key{paged.state.queue, entries.front()->sequence};
    slices_.clear();
    for (const std::string_view piece : encoder_.encode(key, entries))
        slices_.push_back(slice(piece));
    const std::string encoded_key = encode_key(key);
    const rocksdb::Slice key_slice(encoded_key);
    writes_.Put(database_.family(Family::pages), rocksdb::SliceParts(&key_slice, 1),
                rocksdb::SliceParts(slices_.data(), static_cast<int>(slices_.size())));
    LivePage page;
    page.first = key.first;
    for (const StoredMessage* entry : entries) {
        page.add(entry->sequence, entry->message->body_size());
        paged.state.messages += 1;
        paged.state.body_bytes += entry->message->body_size();
    }
    paged.index.insert(std::move(page));
}

void PageTier::settle(PagedMessages& paged, Sequence first, Sequence end) {
    if (paged.empty() || first > paged.state.last || end <= paged.state.head)
        return;
    paged.changed = true;
    const bool to_the_end = end > paged.state.last;
    if (to_the_end && first <= paged.state.head)
        drop_everything(paged);
    else if (to_the_end && !paged.index.complete_from(first))
        drop_from(paged, first);
    else
        settle_pages(paged, first, end);
}

void PageTier::settle_pages(PagedMessages& paged, Sequence first, Sequence end) {
    Sequence next = first;
    while (LivePage* page = paged.index.find(database_, options_, paged.state.head, next, end)) {
        next = page->last() + 1;
        settle_messages(paged, *page, first, end);
        if (page->settled == page->count())
            drop_page(paged, *page);
        if (next >= end)
            break;
    }
}

void PageTier::settle_messages(PagedMessages& paged, LivePage& page, Sequence first, Sequence end) {
    if (page.acks.settled.empty())
        page.acks.settled.resize(page.count());
    for (std::size_t i = page.index_from(first); i < page.count() && page.sequence(i) < end; ++i) {
        if (page.acks.settled[i])
            continue;
        page.acks.settled[i] = true;
        page.acks.redelivered.erase(static_cast<std::uint32_t>(i));
        page.settled += 1;
        forget(paged.state, page.sizes[i]);
        mark_changed(paged, page);
    }
}

void PageTier::mark_changed(PagedMessages& paged, LivePage& page) {
    if (!page.changed)
        paged.changed_pages.push_back(page.first);
    page.changed = true;
}

void PageTier::drop_page(PagedMessages& paged, const LivePage& page) {
    const PageKey key{paged.state.queue, page.first};
    writes_.SingleDelete(database_.family(Family::pages), encode_key(key));
    if (page.has_ack_row)
        writes_.Delete(database_.family(Family::acks), encode_key(key));
    for (const std::uint32_t size : page.sizes)
        paged.drained_bytes += size;
    const Sequence after = page.last() + 1;
    const bool was_head = page.first <= paged.state.head;
    paged.index.erase(page.first);
    if (!was_head)
        return;
    paged.state.head = after;
    const auto next = paged.index.pages().lower_bound(after);
    if (paged.index.complete_from(after) && next != paged.index.pages().end())
        paged.state.head = next->first;
}

void PageTier::drop_everything(PagedMessages& paged) {
    QueueState& state = paged.state;
    if (paged.empty())
        return;
    const auto& pages = paged.index.pages();
    if (paged.index.complete_from(state.head) && pages.size() <= few_pages) {
        while (!pages.empty())
            drop_page(paged, pages.begin()->second);
    } else {
        delete_range(paged, state.head);
        paged.drained_bytes += state.body_bytes;
    }
    paged.index.erase_from(0);
    state.head = state.last + 1;
    state.messages = 0;
    state.body_bytes = 0;
    paged.changed = true;
}

// Without a look at what goes, which may be millions of pages: what is left is counted instead. That is what was
// delivered and not yet settled while the rest of the queue is purged.
void PageTier::drop_from(PagedMessages& paged, Sequence first) {
    QueueState& state = paged.state;
    std::uint64_t messages = 0;
    std::uint64_t body_bytes = 0;
    Sequence next = state.head;
    Sequence last = state.head;
    while (LivePage* page = paged.index.find(database_, options_, state.head, next, first)) {
        next = page->last() + 1;
        settle_messages(paged, *page, first, next);
        if (page->settled == page->count()) {
            drop_page(paged, *page);
            continue;
        }
        last = page->last();
        for (std::size_t i = 0; i < page->count(); ++i) {
            if (page->acks.is_settled(i))
                continue;
            messages += 1;
            body_bytes += page->sizes[i];
        }
    }
    next = std::max(next, first);
    delete_range(paged, next);
    purged_.push_back(
        {Family::pages, encode_key(PageKey{state.queue, next}), encode_key(PageKey{state.queue, state.last + 1})});
    drained_bytes_ += state.body_bytes - std::min(state.body_bytes, body_bytes);
    paged.index.erase_from(next);
    state.messages = messages;
    state.body_bytes = body_bytes;
    state.last = std::max(last, first - 1);
}

void PageTier::delete_range(const PagedMessages& paged, Sequence first) {
    const std::string from = encode_key(PageKey{paged.state.queue, first});
    const std::string end = encode_key(PageKey{paged.state.queue, paged.state.last + 1});
    writes_.DeleteRange(database_.family(Family::pages), from, end);
    writes_.DeleteRange(database_.family(Family::acks), from, end);
}

void PageTier::redeliver(PagedMessages& paged, Sequence sequence, std::uint32_t delivery_count) {
    if (paged.empty())
        return;
    LivePage* page = paged.index.find(database_, options_, paged.state.head, sequence, sequence + 1);
    if (page == nullptr)
        return;
    const std::size_t index = page->index_from(sequence);
    if (index == page->count() || page->sequence(index) != sequence || page->acks.is_settled(index))
        return;
    page->acks.redelivered[static_cast<std::uint32_t>(index)] = delivery_count;
    mark_changed(paged, *page);
}

void PageTier::deliver(PagedMessages& paged, Sequence up_to) {
    const Sequence before = paged.state.delivered_up_to;
    if (up_to <= before)
        return;
    paged.state.delivered_up_to = up_to;
    paged.changed = paged.changed || (!paged.empty() && before < paged.state.last);
}

void PageTier::finish(PagedMessages& paged) {
    write_ack_rows(paged);
    if (paged.changed && !paged.empty()) {
        writes_.Put(database_.family(Family::queues), encode_key(paged.state.queue), encode_queue_row(paged.state));
        paged.has_row = true;
    } else if (paged.empty()) {
        if (paged.has_row)
            writes_.Delete(database_.family(Family::queues), encode_key(paged.state.queue));
        paged.has_row = false;
        paged.index.erase_from(0);
    }
    paged.changed = false;
    if (paged.drained_bytes > 0) {
        drained_bytes_ += std::exchange(paged.drained_bytes, 0);
        drained_[paged.state.queue] = paged.state.head;
    }
    total_weight_ -= paged.counted_weight;
    paged.index.group_finished(total_weight_ < max_total_weight ? max_queue_weight : 0);
    paged.counted_weight = paged.index.weight();
    total_weight_ += paged.counted_weight;
}

std::vector<DeadRange> PageTier::take_drained() {
    std::vector<DeadRange> ranges = std::exchange(purged_, {});
    for (const auto& [queue, head] : drained_)
        ranges.push_back({Family::pages, encode_key(PageKey{queue, 0}), encode_key(PageKey{queue, head})});
    drained_.clear();
    drained_bytes_ = 0;
    return ranges;
}

void PageTier::write_ack_rows(PagedMessages& paged) {
    for (const Sequence first : paged.changed_pages) {
        LivePage* page = paged.index.at(first);
        if (page == nullptr || !page->changed)
            continue;
        const PageKey key{paged.state.queue, first};
        writes_.Put(database_.family(Family::acks), encode_key(key), encode_ack_row(key, page->count(), page->acks));
        page->has_ack_row = true;
        page->changed = false;
    }
    paged.changed_pages.clear();
}

} // namespace storage
