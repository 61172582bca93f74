// A store that behaves as badly as the contract allows, from a seed: it delays completions, answers `unknown` with and
// without having applied a batch, `unavailable`, and fences. Wraps a store whose completions are immediate
// (MemoryStore). For tests; one thread. Nothing happens until step() or drain() is called.
//
// After a batch of a shard was not answered with `durable`, later ones of the same epoch are `unavailable` until that
// batch has come again: batches of a lease are applied in order.
#pragma once

#include "storage/store.hpp"

#include <deque>
#include <map>
#include <random>

namespace storage {

class MockStore final : public Store {
 public:
    // Each "one in n" is the chance of a commit to be answered so; 0 is never.
    struct Options {
        std::uint64_t seed = 1;
        unsigned unknown_one_in = 0; // half of them applied
        unsigned unavailable_one_in = 0;
        unsigned fenced_one_in = 0;
    };

    MockStore(std::unique_ptr<Store> inner, const Options& options)
        : inner_(std::move(inner)),
          options_(options),
          random_(options.seed) {}

    void recover(RecoveryVisitor& visitor) override { inner_->recover(visitor); }
    std::uint64_t epoch() const override { return inner_->epoch(); }
    Lease open_shard(ShardId shard) override { return inner_->open_shard(shard); }
    void commit(const Lease& lease, Batch batch, Completion completion) override;
    void read(QueueId queue, Sequence from, std::size_t max_messages, std::size_t max_bytes,
              PageCompletion completion) override;
    void close() override;

    void fence(ShardId shard) { shards_[shard].fenced = true; }
    bool step();  // runs a random number of what waits, in order; false when nothing waited
    void drain(); // until nothing waits

 private:
    struct Shard {
        bool fenced = false;
        std::uint64_t stuck_at = 0; // the number of the batch that must come again first
    };
    Outcome decide(const Lease& lease, Batch& batch);
    bool one_in(unsigned n) { return n != 0 && random_() % n == 0; }

    std::unique_ptr<Store> inner_;
    Options options_;
    std::mt19937_64 random_;
    std::map<ShardId, Shard> shards_;
    std::deque<std::function<void()>> waiting_;
};

} // namespace storage
