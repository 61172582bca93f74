// A virtual host "/" over a store in memory, in one thread; with what is on the disk it can be opened again.
#pragma once

#include "broker/core/virtual_host.hpp"
#include "storage/memory_store.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/recording_port.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

struct World {
    using Completions = storage::MemoryStore::Completions;

    explicit World(Completions completions = Completions::immediate,
                   std::shared_ptr<storage::MemoryDisk> recovered_disk = std::make_shared<storage::MemoryDisk>())
        : disk(std::move(recovered_disk)),
          store(completions, disk),
          host({.name = "/", .shard = 1, .description = {}, .tags = {}, .default_queue_type = {}},
               {store,
                clock,
                {},
                [this](storage::Outcome outcome) { failures.push_back(outcome); },
                {},
                [this](std::function<void()> on_time) {
                    return std::make_unique<ManualTimer>(alarm, std::move(on_time));
                },
                random_seed,
                "leveret@test",
                &events,
                true,
                &memory_is_short}) {
        recover();
    }

    // Time goes by; whoever waits is woken in time.
    void pass(std::int64_t ms) {
        const std::int64_t end = clock.now_ms() + ms;
        while (alarm.at_ms <= end) {
            clock.advance(std::max<std::int64_t>(alarm.at_ms - clock.now_ms(), 0));
            alarm.at_ms = never_ms;
            alarm.on_time();
        }
        clock.advance(end - clock.now_ms());
    }

    std::uint64_t ready(std::string_view queue) { return host.find_queue(queue)->ready(); }
    std::uint64_t unacked(std::string_view queue) { return host.find_queue(queue)->unacked(); }
    // Bodies that the store has for a queue.
    Lines stored(std::string_view queue) {
        Lines bodies;
        for (const auto& message : store.messages(host.find_queue(queue)->definition().id)) {
            bodies.emplace_back(message.message->body());
        }
        return bodies;
    }

    struct Alarm {
        std::int64_t at_ms = never_ms;
        std::function<void()> on_time;
    };
    struct ManualTimer final : Timer {
        ManualTimer(Alarm& a, std::function<void()> on_time) : alarm(a) { alarm.on_time = std::move(on_time); }
        void wake_at(std::int64_t at_ms) override { alarm.at_ms = at_ms; }
        Alarm& alarm;
    };

    static constexpr std::uint64_t random_seed = 20'261'121;
    Alarm alarm;
    std::vector<storage::Outcome> failures;
    std::shared_ptr<storage::MemoryDisk> disk;
    storage::MemoryStore store;
    FakeClock clock;
    EventSink events;
    std::atomic<bool> memory_is_short = false;
    VirtualHost host;

 private:
    void recover() {
        struct Visitor final : storage::RecoveryVisitor {
            explicit Visitor(VirtualHost& v) : virtual_host(v) {}
            void on_record(storage::ShardId, storage::RecordKey key, std::string_view value) override {
                virtual_host.recover_record(std::move(key), value);
            }
            void on_queue(const storage::QueueState& state) override { states.push_back(state); }
            VirtualHost& virtual_host;
            std::vector<storage::QueueState> states;
        } visitor(host);
        store.recover(visitor);
        host.recover_bindings();
        for (const storage::QueueState& state : visitor.states) {
            host.recover_queue(state);
        }
        host.end_recovery();
    }
};

} // namespace broker
