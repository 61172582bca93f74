#include "tests/crash/store_workload.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <sstream>
#include <vector>

namespace storage::test {
namespace {

constexpr QueueId queue_count = 12;
constexpr int max_outstanding = 8;

StoredMessage message(const MessageId& id) {
    static const std::string properties("\x10\x00\x02", 3);
    StoredMessage entry;
    entry.sequence = id.second;
    entry.message = amqp::Message::make("", "key", properties, body_of(id));
    return entry;
}

std::string settle_line(char kind, const MessageId& id) {
    return std::string(1, kind) + ' ' + std::to_string(id.first) + ' ' + std::to_string(id.second);
}

Store::Page read(Store& store, QueueId queue, Sequence from) {
    const auto page = std::make_shared<std::promise<Store::Page>>();
    store.read(queue, from, 1000, 1 << 20, [page](Store::Page got) { page->set_value(std::move(got)); });
    return page->get_future().get();
}

class Workload {
 public:
    Workload(Store& store, LedgerSink& sink, std::uint64_t seed)
        : store_(store),
          sink_(sink),
          random_(seed),
          lease_(store.open_shard(1)),
          next_(first_sequence(store.epoch())) {}

    // Phases without any promise, so that much is unsynced at a time.
    bool promises() { return phase_promises_ && random_() % 4 != 0; }

    void run() {
        take_what_is_there();
        while (wait_for_room()) {
            if (random_() % 200 == 0)
                phase_promises_ = !phase_promises_;
            if (random_() % 3 == 0)
                settle();
            else
                append();
        }
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return outstanding_ == 0; });
    }

 private:
    bool wait_for_room() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return outstanding_ < max_outstanding || failed_; });
        return !failed_;
    }

    // So that pages of earlier processes are settled as well.
    void take_what_is_there() {
        for (QueueId queue = 1; queue <= queue_count; ++queue)
            for (const auto& each : read(store_, queue, 0).messages)
                settleable_.push_back({queue, each.sequence});
    }

    void append() {
        const QueueId queue = 1 + random_() % queue_count;
        const std::uint64_t count = 1 + random_() % (random_() % 20 == 0 ? 600 : 20);
        const Sequence first = next_;
        next_ += count + random_() % 2;
        Batch batch;
        for (Sequence sequence = first; sequence < first + count; ++sequence)
            batch.append(queue, message({queue, sequence}));
        const bool promised = promises();
        commit(std::move(batch), promised, [this, promised, queue, first, count] {
            if (promised)
                sink_.line("A " + std::to_string(queue) + ' ' + std::to_string(first) + ' ' + std::to_string(count));
            const std::lock_guard lock(mutex_);
            for (Sequence sequence = first; sequence < first + count; ++sequence)
                settleable_.push_back({queue, sequence});
        });
    }

    void settle() {
        std::vector<MessageId> ids;
        {
            const std::lock_guard lock(mutex_);
            const std::size_t most = settleable_.size() < 4000 ? 30 : 300; // a backlog that does not grow for ever
            for (auto left = random_() % most; left > 0 && !settleable_.empty(); --left) {
                const std::size_t at = random_() % 3 == 0 ? random_() % settleable_.size() : 0;
                ids.push_back(settleable_[at]);
                settleable_.erase(settleable_.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
        Batch batch;
        for (const MessageId& id : ids) {
            sink_.line(settle_line('s', id));
            batch.settle(id.first, id.second);
        }
        const bool promised = promises();
        commit(std::move(batch), promised, [this, promised, ids] {
            for (const MessageId& id : ids)
                if (promised)
                    sink_.line(settle_line('S', id));
        });
    }

    void commit(Batch batch, bool promised, std::function<void()> durable) {
        batch.number = ++number_;
        if (promised) // as the broker does
            batch.appends.empty() ? batch.promise() : batch.promise_appends();
        {
            const std::lock_guard lock(mutex_);
            ++outstanding_;
        }
        store_.commit(lease_, std::move(batch), [this, durable = std::move(durable)](Outcome outcome) {
            if (outcome == Outcome::durable)
                durable();
            const std::lock_guard lock(mutex_);
            failed_ = failed_ || outcome != Outcome::durable;
            --outstanding_;
            changed_.notify_one();
        });
    }

    Store& store_;
    LedgerSink& sink_;
    std::mt19937_64 random_;
    Lease lease_;
    Sequence next_;
    std::uint64_t number_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    int outstanding_ = 0;
    bool failed_ = false;
    bool phase_promises_ = true;
    std::deque<MessageId> settleable_;
};

struct Queues : RecoveryVisitor {
    std::map<QueueId, QueueState> states;
    void on_record(ShardId, RecordKey, std::string_view) override {}
    void on_queue(const QueueState& state) override { states[state.queue] = state; }
};

} // namespace

std::string body_of(const MessageId& id) {
    const std::uint64_t mixed = (id.first * 0x9e3779b97f4a7c15 + id.second) * 0xbf58476d1ce4e5b9;
    return std::to_string(id.first) + ':' + std::to_string(id.second) +
           std::string((mixed >> 40) % 900, static_cast<char>('a' + (mixed >> 32) % 26));
}

void Ledger::appended(QueueId queue, Sequence first, std::uint64_t count) {
    for (Sequence sequence = first; sequence < first + count; ++sequence)
        if (doubtful.count({queue, sequence}) == 0 && gone.count({queue, sequence}) == 0)
            present.insert({queue, sequence});
}

void Ledger::may_be_settled(const MessageId& id) {
    present.erase(id);
    doubtful.insert(id);
}

void Ledger::settled(const MessageId& id) {
    present.erase(id);
    doubtful.erase(id);
    gone.insert(id);
}

void Ledger::read_line(const std::string& line) {
    std::istringstream in(line);
    char kind = 0;
    QueueId queue = 0;
    Sequence sequence = 0;
    std::uint64_t count = 0;
    in >> kind >> queue >> sequence;
    if (kind == 'A' && in >> count)
        appended(queue, sequence, count);
    else if (kind == 's' && in)
        may_be_settled({queue, sequence});
    else if (kind == 'S' && in)
        settled({queue, sequence});
}

void run_workload(Store& store, LedgerSink& sink, std::uint64_t seed) {
    Workload(store, sink, seed).run();
}

Verdict check(Store& store, Ledger& ledger) {
    Queues recovered;
    store.recover(recovered);
    Verdict verdict;
    std::set<MessageId> found;
    for (QueueId queue = 1; queue <= queue_count; ++queue) {
        std::uint64_t messages = 0;
        Sequence from = 0;
        for (bool end = false; !end;) {
            const auto page = read(store, queue, from);
            verdict.unreadable += !page.ok;
            for (const auto& each : page.messages) {
                const MessageId id{queue, each.sequence};
                if (each.message->body() != body_of(id) || each.sequence < from || !each.redelivered)
                    verdict.wrong += "message " + body_of(id) + "; ";
                verdict.undead += ledger.gone.count(id);
                found.insert(id);
                from = each.sequence + 1;
            }
            messages += page.messages.size();
            end = page.end || !page.ok || page.messages.empty();
        }
        if (const auto counted = recovered.states[queue].messages; messages != counted)
            verdict.wrong += "queue " + std::to_string(queue) + " has " + std::to_string(messages) + " messages, not " +
                             std::to_string(counted) + "; ";
    }
    verdict.checked = ledger.present.size();
    for (const MessageId& id : ledger.present)
        verdict.lost += 1 - found.count(id);
    ledger.present = std::move(found);
    ledger.doubtful.clear();
    return verdict;
}

} // namespace storage::test
