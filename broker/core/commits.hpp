// A virtual host's way to the store: collects what must become durable while the strand is held, commits it when the
// strand is left, and tells how far the commits are on disk. On the strand, except what says otherwise.
#pragma once

#include "broker/core/strand.hpp"
#include "storage/store.hpp"

#include <atomic>
#include <cstdint>
#include <functional>

namespace broker {

class Commits {
 public:
    // `on_durable(up_to)` runs on the strand, with rising numbers. `on_failed` runs on a thread of the store, once: the
    // disk is gone, nothing will be confirmed any more.
    struct Observer {
        virtual ~Observer() = default;
        virtual void on_durable(std::uint64_t up_to) = 0;
        virtual void on_store_failed(storage::Outcome outcome) = 0;
    };

    Commits(storage::Store& store, storage::ShardId shard, Strand& strand, Observer& observer);

    storage::Batch& batch() { return batch_; }

    // The number of the commit being collected; somebody will be told something when it is durable.
    std::uint64_t promise();
    std::uint64_t promise_appends(); // a publisher: when its messages are durable, or consumed

    // Gives what was collected to the store. Called when the strand is left, and before a page is read.
    void flush();

    // An empty commit behind all others; `done` runs on a thread of the store.
    void when_durable(std::function<void()> done);

    std::uint64_t durable_up_to() const { return durable_up_to_; }

    storage::Store& store() { return store_; }

 private:
    void on_complete(std::uint64_t number, storage::Outcome outcome); // on a thread of the store

    storage::Store& store_;
    const storage::Lease lease_;
    Strand& strand_;
    Observer& observer_;
    storage::Batch batch_;
    std::uint64_t durable_up_to_ = 0;

    // Many batches complete with one sync; one piece of work tells them all.
    std::atomic<std::uint64_t> completed_up_to_{0};
    std::atomic<bool> told_{false};
    std::atomic<bool> failed_{false};
};

} // namespace broker
