#include "tests/crash/canned_workload.hpp"

#include <future>
#include <vector>

namespace storage::test {
namespace {

class Canned {
 public:
    Canned(Store& store, LedgerSink& sink)
        : store_(store),
          sink_(sink),
          lease_(store.open_shard(1)),
          next_(first_sequence(store.epoch())) {}

    CannedRun run() {
        for (int round = 0; round < 2; ++round) {
            append(1, 1, true);
            append(2, 3, false);
            append(1, 40, true); // a page of its own
            settle(1, 0, 1, true);
            append(3, 2, true);
            settle(1, 3, 20, false); // a part of a page
            redeliver(1);
            append(2, 1, true);
            settle(2, 0, 4, true); // a whole queue
            append(4, 90, true);   // most of a memtable
            purge(4);
        }
        return run_;
    }

 private:
    void append(QueueId queue, std::uint64_t count, bool promised) {
        Batch batch;
        const Sequence first = next_;
        for (; next_ < first + count; ++next_) {
            StoredMessage entry;
            entry.sequence = next_;
            entry.message = amqp::Message::make("", "key", std::string("\x10\x00\x02", 3), body_of({queue, next_}));
            batch.append(queue, std::move(entry));
            there_[queue].push_back(next_);
        }
        if (commit(std::move(batch), promised) && promised)
            sink_.line("A " + std::to_string(queue) + ' ' + std::to_string(first) + ' ' + std::to_string(count));
    }

    void settle(QueueId queue, std::size_t from, std::size_t count, bool promised) {
        auto& there = there_[queue];
        from = std::min(from, there.size());
        const auto begin = there.begin() + static_cast<std::ptrdiff_t>(from);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(count, there.size() - from));
        const std::vector<Sequence> settled(begin, end);
        there.erase(begin, end);
        Batch batch;
        for (const Sequence sequence : settled)
            batch.settle(queue, sequence);
        tell_of(queue, settled, std::move(batch), promised);
    }

    void purge(QueueId queue) {
        const std::vector<Sequence> purged = std::exchange(there_[queue], {});
        Batch batch;
        batch.purge(queue, next_ - 1);
        tell_of(queue, purged, std::move(batch), true);
    }

    void redeliver(QueueId queue) {
        Batch batch;
        batch.redeliver(queue, there_[queue].front(), 1);
        batch.mark_delivered(queue, there_[queue].back());
        commit(std::move(batch), true);
    }

    void tell_of(QueueId queue, const std::vector<Sequence>& settled, Batch batch, bool promised) {
        const auto tell = [&](const char* kind) {
            for (const Sequence sequence : settled)
                sink_.line(kind + std::to_string(queue) + ' ' + std::to_string(sequence));
        };
        tell("s ");
        if (commit(std::move(batch), promised) && promised)
            tell("S ");
    }

    bool commit(Batch batch, bool promised) {
        batch.number = ++number_;
        if (promised) // as the broker does
            batch.appends.empty() ? batch.promise() : batch.promise_appends();
        std::promise<Outcome> said;
        store_.commit(lease_, std::move(batch), [&said](Outcome outcome) { said.set_value(outcome); });
        const bool durable = said.get_future().get() == Outcome::durable;
        run_.durable_after_failure |= durable && run_.other > 0;
        ++(durable ? run_.durable : run_.other);
        return durable;
    }

    Store& store_;
    LedgerSink& sink_;
    const Lease lease_;
    Sequence next_;
    std::uint64_t number_ = 0;
    std::map<QueueId, std::vector<Sequence>> there_;
    CannedRun run_;
};

} // namespace

CannedRun run_canned(Store& store, LedgerSink& sink) {
    return Canned(store, sink).run();
}

} // namespace storage::test
