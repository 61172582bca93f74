// Random histories against a model: what was committed is there, in order, with its flags; what was settled is not.
#include "tests/unit/storage/store_under_test.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <random>

namespace storage::test {
namespace {

struct ModelMessage {
    std::string body;
    bool redelivered = false;
    std::uint32_t delivery_count = 0;
    bool operator==(const ModelMessage&) const = default;
};

class History {
 public:
    History(Kind kind, std::uint64_t seed)
        : store_(make_store(kind, seed)),
          pipelined_(kind != Kind::mock),
          random_(seed),
          queue_count_(below(2) == 0 ? 3 : 40) {}

    void run(int steps) {
        for (int i = 0; i < steps; ++i)
            step();
        verify();
        store_->reopen();
        verify_recovered();
        verify();
    }

 private:
    using Model = std::map<Sequence, ModelMessage>;

    std::uint64_t below(std::uint64_t n) { return random_() % n; }

    void step() {
        const auto dice = below(100);
        if (dice < 90) {
            Batch batch;
            for (auto left = below(4); left > 0; --left)
                operation(batch);
            give(std::move(batch));
        } else if (dice < 96) {
            verify();
        } else {
            reopen();
        }
    }

    QueueId some_queue() {
        while (queues_.size() < queue_count_)
            queues_.emplace(next_queue_++, Model());
        return std::next(queues_.begin(), static_cast<std::ptrdiff_t>(below(queues_.size())))->first;
    }

    // A batch's kinds are applied in the order of its fields, so at most one kind after the appends.
    void operation(Batch& batch) {
        const QueueId id = some_queue();
        Model& model = queues_[id];
        const auto dice = below(100);
        const bool only_appends = batch.settles.empty() && batch.redeliveries.empty() && batch.delivered.empty() &&
                                  batch.purges.empty() && batch.removed_queues.empty();
        if (dice < 35 && only_appends)
            append(batch, id, model);
        else if (dice < 45 && only_appends)
            fan_out(batch);
        else if (dice < 80 && (only_appends || !batch.settles.empty()))
            settle(batch, id, model);
        else if (dice < 90 && (only_appends || !batch.redeliveries.empty()))
            redeliver(batch, id, model);
        else if (dice < 95 && (only_appends || !batch.delivered.empty()))
            mark_delivered(batch, id, model);
        else if (dice < 97 && (only_appends || !batch.purges.empty()))
            purge(batch, id, model);
        else if (dice >= 98 && only_appends)
            remove(batch, id);
    }

    void append(Batch& batch, QueueId id, Model& model) {
        for (auto left = 1 + below(below(20) == 0 ? 2500 : 8); left > 0; --left) {
            Sequence sequence = store_->next_sequence();
            if (below(10) == 0)
                sequence = store_->next_sequence(); // a hole
            const std::string body(below(50) == 0 ? 70'000 : below(700), static_cast<char>('a' + below(26)));
            batch.append(id, message(sequence, body));
            model[sequence] = {body};
        }
    }

    void fan_out(Batch& batch) {
        const std::string body(below(2000), static_cast<char>('a' + below(26)));
        StoredMessage entry = message(0, body);
        for (auto left = 1 + below(5); left > 0; --left) {
            const QueueId id = some_queue();
            entry.sequence = store_->next_sequence();
            batch.append(id, entry);
            queues_[id][entry.sequence] = {body};
        }
    }

    Sequence some_sequence(const Model& model) {
        const auto middle = model.begin()->first + below(model.rbegin()->first - model.begin()->first + 1);
        return model.lower_bound(below(3) == 0 ? middle : model.begin()->first)->first;
    }

    void settle(Batch& batch, QueueId id, Model& model) {
        if (model.empty())
            return;
        const Sequence first = some_sequence(model);
        const std::uint64_t count = below(4) == 0 ? 1 + below(2000) : 1 + below(3);
        batch.settle(id, first, count);
        model.erase(model.lower_bound(first), model.lower_bound(first + count));
    }

    void redeliver(Batch& batch, QueueId id, Model& model) {
        if (model.empty())
            return;
        const Sequence sequence = some_sequence(model);
        const auto count = static_cast<std::uint32_t>(below(300));
        batch.redeliver(id, sequence, count);
        model[sequence].redelivered = true;
        model[sequence].delivery_count = count;
    }

    void mark_delivered(Batch& batch, QueueId id, Model& model) {
        if (model.empty())
            return;
        const Sequence up_to = some_sequence(model);
        batch.mark_delivered(id, up_to);
        for (auto each = model.begin(); each != model.upper_bound(up_to); ++each)
            each->second.redelivered = true;
    }

    void purge(Batch& batch, QueueId id, Model& model) {
        if (model.empty())
            return;
        const Sequence up_to = below(2) == 0 ? model.rbegin()->first : some_sequence(model);
        batch.purge(id, up_to);
        model.erase(model.begin(), model.upper_bound(up_to));
    }

    void remove(Batch& batch, QueueId id) {
        batch.remove_queue(id);
        queues_.erase(id);
        removed_.push_back(id);
    }

    void give(Batch batch) {
        if (!pipelined_) {
            REQUIRE(store_->commit(std::move(batch)) == Outcome::durable);
            return;
        }
        if (below(2) == 0)
            batch.promise();
        batch.number = store_->next_number(1);
        store_->store().commit(store_->store().open_shard(1), std::move(batch),
                               [this](Outcome outcome) { all_durable_ = all_durable_ && outcome == Outcome::durable; });
    }

    void reopen() {
        store_->settle_down();
        REQUIRE(all_durable_);
        if (below(2) == 0) {
            store_->reopen();
        } else {
            store_->reopen_abandoned();
            for (auto& [id, model] : queues_)
                for (auto& [sequence, each] : model)
                    each.redelivered = true;
        }
        verify_recovered();
    }

    void verify_recovered() {
        for (const auto& [id, state] : store_->recovered.queues) {
            INFO("queue " << id);
            REQUIRE(queues_.count(id) == 1);
            const Model& model = queues_.at(id);
            REQUIRE(state.messages == model.size());
            std::uint64_t bytes = 0;
            for (const auto& [sequence, each] : model)
                bytes += each.body.size();
            REQUIRE(state.body_bytes == bytes);
            REQUIRE(state.head <= model.begin()->first);
            REQUIRE(state.last >= model.rbegin()->first);
        }
        for (const auto& [id, model] : queues_)
            REQUIRE((model.empty() || store_->recovered.queues.count(id) == 1));
    }

    // Read in random portions.
    void verify() {
        for (const auto& [id, model] : queues_) {
            INFO("queue " << id);
            Model found;
            Sequence from = 0;
            bool end = false;
            while (!end) {
                const auto page = store_->read(id, from, 1 + below(1500), 1 + below(500'000));
                REQUIRE(page.ok);
                for (const auto& each : page.messages)
                    found[each.sequence] = {std::string(each.message->body()), each.redelivered, each.delivery_count};
                end = page.end;
                REQUIRE((end || !page.messages.empty()));
                if (!page.messages.empty())
                    from = page.messages.back().sequence + 1;
            }
            REQUIRE(found.size() == model.size());
            REQUIRE((found == model));
        }
        for (const QueueId id : removed_)
            REQUIRE(store_->read(id).messages.empty());
        removed_.clear();
    }

    std::unique_ptr<StoreUnderTest> store_;
    bool pipelined_;
    bool all_durable_ = true;
    std::mt19937_64 random_;
    std::size_t queue_count_;
    std::map<QueueId, Model> queues_;
    std::vector<QueueId> removed_;
    QueueId next_queue_ = 1;
};

std::uint64_t seed_of_this_run() {
    const char* given = std::getenv("LEVERET_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

TEST_CASE("store: random histories agree with the model", "[storage][random]") {
    const Kind kind = GENERATE(values(every_kind));
    const int steps = kind == Kind::rocksdb || kind == Kind::rocksdb_small ? 400 : 3000;
    for (int round = 0; round < 3; ++round) {
        const std::uint64_t seed = seed_of_this_run() + static_cast<std::uint64_t>(round);
        INFO(name(kind) << ", replay with LEVERET_SEED=" << seed);
        History(kind, seed).run(steps);
    }
}

} // namespace
} // namespace storage::test
