// Examiner: pages with their ack rows, and the commit log.
#include "storage/rocksdb/examiner.hpp"
#include "storage/rocksdb/log_changes.hpp"
#include "storage/rocksdb/page_codec.hpp"

#include <algorithm>
#include <optional>

namespace storage {
namespace {

std::string page_text(const PageKey& key) {
    return ", page " + std::to_string(key.first) + ": ";
}

} // namespace

// Pages and their ack rows have the same keys: side by side.
void Examiner::examine_pages() {
    CarefulScan acks = scan(Family::acks);
    const auto pass_acks = [&](std::string_view up_to) {
        for (; acks.valid() && (up_to.empty() || acks.key() < up_to); acks.next())
            if (const auto key = decode_page_key(acks.key()))
                examine_ack_row(*key);
            else
                found(Finding::Kind::ack_row, "an ack row has no proper key", acks.key());
    };
    for (CarefulScan at = scan(Family::pages); at.valid(); at.next()) {
        const auto key = decode_page_key(at.key());
        if (!key) {
            found(Finding::Kind::page, "a page has no proper key", at.key());
            continue;
        }
        pass_acks(at.key());
        std::optional<std::string> ack_row;
        if (acks.valid() && acks.key() == at.key()) {
            ack_row = std::string(acks.value());
            acks.next();
        }
        examine_page(*key, at.value(), ack_row ? &*ack_row : nullptr);
    }
    pass_acks({});
}

// Without a page.
void Examiner::examine_ack_row(const PageKey& key) {
    const auto queue = paged_.find(key.queue);
    if (queue != paged_.end() && key.first >= queue->second.row.head)
        found(Finding::Kind::ack_row, name_of_queue(key.queue) + page_text(key) + "there are acks, and no page",
              encode_key(key), key.queue);
}

void Examiner::examine_page(const PageKey& key, std::string_view value, const std::string* ack_row) {
    saw(key.first);
    const auto its_queue = paged_.find(key.queue);
    if (its_queue == paged_.end() || key.first < its_queue->second.row.head) {
        dead_pages_ += 1;
        if (its_queue == paged_.end() && knows(key.queue))
            rowless_.insert(key.queue);
        return;
    }
    Paged& paged = its_queue->second;
    const auto entries = decode_page(key, value);
    const bool readable = entries && std::all_of(entries->begin(), entries->end(), [](const EntryView& entry) {
                              return message_of(entry) != nullptr;
                          });
    contents_.pages += 1;
    if (!readable)
        return found(Finding::Kind::page,
                     name_of_queue(key.queue) + page_text(key) +
                         (entries ? "stored properties are malformed" : entries.error().text),
                     encode_key(key), key.queue);
    QueueState& counted = paged.counted;
    if (counted.last >= key.first)
        return found(Finding::Kind::page, name_of_queue(key.queue) + page_text(key) + "overlaps the page before",
                     encode_key(key), key.queue);
    PageAcks acks;
    if (ack_row != nullptr) {
        auto decoded = decode_ack_row(key, entries->size(), *ack_row);
        if (decoded)
            acks = std::move(*decoded);
        else
            found(Finding::Kind::ack_row, name_of_queue(key.queue) + page_text(key) + decoded.error().text,
                  encode_key(key), key.queue);
    }
    if (counted.head == 0)
        counted.head = key.first;
    counted.last = entries->back().sequence;
    for (std::size_t i = 0; i < entries->size(); ++i) {
        if (acks.is_settled(i))
            continue;
        counted.messages += 1;
        counted.body_bytes += (*entries)[i].body.size();
    }
}

void Examiner::examine_log() {
    for (CarefulScan at = scan(Family::log); at.valid(); at.next()) {
        contents_.log_values += 1;
        const auto number = decode_id_key(at.key());
        if (!number) {
            found(Finding::Kind::log, "a value of the commit log has no proper key");
            continue;
        }
        saw(*number);
        // They go from the oldest on, so that no other one can be missing.
        const bool follows = last_log_ == 0 || *number == last_log_ + 1 ||
                             (*number == first_sequence(*number >> epoch_shift) &&
                              *number >> epoch_shift > last_log_ >> epoch_shift);
        if (!follows)
            found(Finding::Kind::log, "commit log: values between " + std::to_string(last_log_) + " and " +
                                          std::to_string(*number) + " are missing");
        last_log_ = *number;
        examine_log_value(*number, at.value());
    }
}

std::string Examiner::guessed_loss(LogNumber number, std::string_view value) const {
    std::map<QueueId, std::uint64_t> messages;
    for (const LogChange& change : guess_log_changes(number, value))
        if (change.kind == LogChangeKind::append)
            messages[change.queue] += 1;
    std::string text;
    for (const auto& [queue, count] : messages)
        text += (text.empty() ? "; it seems to have held " : ", ") + std::to_string(count) + " messages of " +
                name_of_queue(queue);
    return text;
}

void Examiner::examine_log_value(LogNumber number, std::string_view value) {
    const std::string place = "commit log, value " + std::to_string(number) + ": ";
    const auto changes = decode_log_value(number, value);
    if (!changes)
        return found(Finding::Kind::log, place + changes.error().text + guessed_loss(number, value));
    amqp::MessagePtr message;
    for (const LogChange& change : *changes) {
        Young& young = young_[change.queue];
        saw(change.sequence);
        if (!apply_change(change, number, message, {young.messages, young.last, young.delivered_up_to}))
            found(Finding::Kind::log, place + "message " + std::to_string(change.sequence) + " of " +
                                          name_of_queue(change.queue) + " cannot be read");
    }
}

void Examiner::count_young() {
    for (const auto& [id, young] : young_) {
        if (young.messages.empty())
            continue;
        const auto paged = paged_.find(id);
        const bool in_pages = paged != paged_.end() && !paged->second.row_damaged;
        contents_.queues += paged == paged_.end() || paged->second.counted.messages == 0;
        contents_.messages += young.messages.size();
        contents_.body_bytes += young.messages.body_bytes();
        if (in_pages && young.messages.first() <= paged->second.row.last)
            found(Finding::Kind::log, "commit log: messages of " + name_of_queue(id) + " are in pages, too");
    }
}

} // namespace storage
