#include "broker/core/commits.hpp"

#include <utility>

namespace broker {

Commits::Commits(storage::Store& store, storage::ShardId shard, Strand& strand, Observer& observer)
    : store_(store), lease_(store.open_shard(shard)), strand_(strand), observer_(observer) {
    batch_.number = 1;
}

std::uint64_t Commits::promise() {
    batch_.promise();
    return batch_.number;
}

std::uint64_t Commits::promise_appends() {
    batch_.promise_appends();
    return batch_.number;
}

void Commits::flush() {
    if (batch_.empty() && !batch_.promised) {
        return;
    }
    storage::Batch next;
    next.number = batch_.number + 1;
    const std::uint64_t number = batch_.number;
    const bool promised = batch_.promised;
    store_.commit(lease_, std::exchange(batch_, std::move(next)), [this, number, promised](storage::Outcome outcome) {
        if (promised || outcome != storage::Outcome::durable) {
            on_complete(number, outcome);
        }
    });
}

void Commits::when_durable(std::function<void()> done) {
    flush();
    storage::Batch last;
    last.number = batch_.number++;
    last.promise();
    store_.commit(lease_, std::move(last), [done = std::move(done)](storage::Outcome outcome) {
        if (outcome == storage::Outcome::durable) {
            done();
        }
    });
}

void Commits::on_complete(std::uint64_t number, storage::Outcome outcome) {
    if (outcome != storage::Outcome::durable) {
        if (!failed_.exchange(true)) {
            observer_.on_store_failed(outcome);
        }
        return;
    }
    if (failed_.load()) {
        return; // it may be on disk, but being durable up to here would vouch for the lost one too
    }
    completed_up_to_.store(number, std::memory_order_release);
    if (told_.exchange(true, std::memory_order_acq_rel)) {
        return; // the piece of work on its way will see this number
    }
    strand_.submit_elsewhere(Strand::work([this] {
        told_.exchange(false, std::memory_order_acq_rel); // before the number is read: see on_complete
        durable_up_to_ = completed_up_to_.load(std::memory_order_acquire);
        observer_.on_durable(durable_up_to_);
    }));
}

} // namespace broker
