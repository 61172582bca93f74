#include "storage/mock_store.hpp"

namespace storage {

// Batches are applied when they are given, so that reads see them; only what is said about them comes late.
void MockStore::commit(const Lease& lease, Batch batch, Completion completion) {
    const Outcome outcome = decide(lease, batch);
    waiting_.emplace_back([outcome, completion = std::move(completion)] { completion(outcome); });
}

Outcome MockStore::decide(const Lease& lease, Batch& batch) {
    Shard& shard = shards_[lease.shard];
    if (shard.fenced || one_in(options_.fenced_one_in)) {
        shard.fenced = true;
        return Outcome::fenced;
    }
    if (shard.stuck_at != 0 && batch.number != shard.stuck_at)
        return Outcome::unavailable;
    shard.stuck_at = 0;
    Outcome outcome = Outcome::durable;
    if (batch.number != 0) { // a batch without a number could not be given again
        if (one_in(options_.unknown_one_in))
            outcome = Outcome::unknown;
        else if (one_in(options_.unavailable_one_in))
            outcome = Outcome::unavailable;
    }
    if (outcome != Outcome::durable)
        shard.stuck_at = batch.number;
    if (outcome == Outcome::durable || (outcome == Outcome::unknown && random_() % 2 == 0))
        inner_->commit(lease, std::move(batch), [&outcome](Outcome said) {
            if (said != Outcome::durable)
                outcome = said;
        });
    return outcome;
}

void MockStore::read(QueueId queue, Sequence from, std::size_t max_messages, std::size_t max_bytes,
                     PageCompletion completion) {
    inner_->read(queue, from, max_messages, max_bytes, [this, completion = std::move(completion)](Page page) {
        waiting_.emplace_back([page = std::move(page), completion]() mutable { completion(std::move(page)); });
    });
}

void MockStore::close() {
    drain();
    inner_->close();
}

bool MockStore::step() {
    if (waiting_.empty())
        return false;
    for (std::size_t left = 1 + random_() % waiting_.size(); left > 0 && !waiting_.empty(); --left) {
        const auto event = std::move(waiting_.front());
        waiting_.pop_front();
        event();
    }
    return true;
}

void MockStore::drain() {
    while (step()) {
    }
}

} // namespace storage
