// A virtual host against a model that is nothing but maps: random publishes, deliveries, settlements, purges, restarts.
#include "core_world.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <random>
#include <set>

using namespace broker;

namespace {

struct ModelMessage {
    bool persistent = false;
    bool redelivered = false;
};

// A queue as everybody understands it. Bodies are numbers that rise with every publish, so they are the order too.
struct ModelQueue {
    bool durable = false;
    std::map<int, ModelMessage> ready;
    std::map<int, ModelMessage> unacked;
};

class Model {
 public:
    explicit Model(unsigned seed) : random_(seed) { start(); }

    void step() {
        const std::string queue = queue_names[pick(queue_names.size())];
        RecordingPort& port = *ports_[pick(ports_.size())];
        const int dice = static_cast<int>(pick(1000));
        if (dice < 450) {
            publish(port, queue);
        } else if (dice < 700) {
            take(port, queue, dice < 520);
        } else if (dice < 960) {
            settle(port, dice);
        } else if (dice < 965) {
            CHECK(port.ask(PurgeQueue{queue}) == Lines{"purged " + std::to_string(queues_[queue].ready.size())});
            queues_[queue].ready.clear();
        } else if (dice < 985) {
            give_back_all(port);
        } else if (dice < 988) {
            restart();
        } else {
            drain_with_consumer(port, queue);
        }
        compare(queue);
    }

 private:
    std::size_t pick(std::size_t below) { return random_() % below; }

    void start() {
        world_.emplace(World::Completions::immediate, disk_);
        for (auto& port : ports_) {
            port = std::make_unique<RecordingPort>(world_->host);
            port->open();
        }
        for (const char* name : queue_names) {
            const bool durable = name[0] == 'd';
            ports_[0]->ask(declare_queue(name, {.durable = durable}));
            queues_[name].durable = durable;
        }
    }

    void restart() {
        for (auto& port : ports_) {
            port.reset();
        }
        world_->store.close();
        world_.reset();
        for (auto& [name, queue] : queues_) {
            queue.ready.merge(queue.unacked);
            queue.unacked.clear();
            std::erase_if(queue.ready, [&](const auto& entry) { return !queue.durable || !entry.second.persistent; });
            // The mark of what was out is one number for the queue.
            for (auto& [body, message] : queue.ready) {
                message.redelivered = message.redelivered || body <= highest_out_[name];
            }
        }
        start();
    }

    void publish(RecordingPort& port, const std::string& queue) {
        // Sometimes so large that a few hundred of them do not stay in memory.
        const int count = pick(20) == 0 ? 40 : 1;
        for (int i = 0; i < count; ++i) {
            const bool persistent = pick(4) != 0;
            const int number = ++last_body_;
            port.send(put(queue, body_of(number, count > 1), {.persistent = persistent}));
            queues_[queue].ready[number] = {persistent, false};
        }
    }

    static std::string body_of(int number, bool large) {
        std::string body = std::to_string(number);
        body.resize(large ? 60'000 : body.size(), ' ');
        return body;
    }

    void take(RecordingPort& port, const std::string& queue, bool no_ack) {
        const Lines lines = port.ask(get(queue, {.no_ack = no_ack}));
        REQUIRE(lines.size() == 1);
        expect(queue, lines.front(), "get-ok", no_ack);
    }

    void expect(const std::string& queue, const std::string& line, const std::string& verb, bool no_ack) {
        ModelQueue& model = queues_[queue];
        if (model.ready.empty()) {
            CHECK(line == "get-empty");
            return;
        }
        auto message = model.ready.extract(model.ready.begin());
        REQUIRE(line.starts_with(verb));
        REQUIRE(std::stoi(line.substr(line.find('\'') + 1)) == message.key());
        REQUIRE((line.find("redelivered") != std::string::npos) == message.mapped().redelivered);
        if (no_ack) {
            return;
        }
        if (model.durable && message.mapped().persistent) {
            highest_out_[queue] = std::max(highest_out_[queue], message.key());
        }
        model.unacked.insert(std::move(message));
    }

    void settle(RecordingPort& port, int dice) {
        if (port.ledger().empty()) {
            return;
        }
        const RecordingPort::Delivery& delivery = port.ledger()[pick(port.ledger().size())];
        const std::string body(delivery.unacked.message->body());
        ModelQueue& model = queues_[delivery.consumer->options().queue];
        auto message = model.unacked.extract(std::stoi(body));
        REQUIRE(message);
        if (dice < 820) {
            port.ack(body);
        } else if (dice < 850) {
            port.reject(body);
        } else {
            port.requeue(body);
            message.mapped().redelivered = true;
            model.ready.insert(std::move(message));
        }
    }

    void give_back_all(RecordingPort& port) { // basic.recover, or the end of a channel
        for (const RecordingPort::Delivery& delivery : port.ledger()) {
            ModelQueue& model = queues_[delivery.consumer->options().queue];
            auto message = model.unacked.extract(std::stoi(std::string(delivery.unacked.message->body())));
            message.mapped().redelivered = true;
            model.ready.insert(std::move(message));
        }
        if (pick(2) == 0) {
            port.send_batch(port.return_everything());
        } else {
            port.close_channel();
            port.open();
        }
    }

    void drain_with_consumer(RecordingPort& port, const std::string& queue) {
        const auto prefetch = static_cast<std::uint32_t>(1 + pick(200));
        const ConsumerPtr consumer = make_consumer(queue, "c", {.prefetch = prefetch});
        Lines lines = port.ask(consume(consumer));
        CHECK(lines.size() == 1 + std::min<std::size_t>(prefetch, queues_[queue].ready.size()));
        for (std::size_t i = 1; i < lines.size(); ++i) {
            expect(queue, lines[i], "deliver c", false);
        }
        CHECK(port.ask(Cancel{consumer}) == Lines{"cancel-ok c"});
    }

    void compare(const std::string& name) {
        const ModelQueue& model = queues_[name];
        const Queue& queue = *world_->host.find_queue(name);
        REQUIRE(queue.ready() == model.ready.size());
        REQUIRE(queue.unacked() == model.unacked.size());
        if (!model.durable || pick(50) != 0) {
            return;
        }
        std::set<int> kept, stored;
        for (const auto* part : {&model.ready, &model.unacked}) {
            for (const auto& [body, message] : *part) {
                message.persistent ? static_cast<void>(kept.insert(body)) : void();
            }
        }
        for (const std::string& body : world_->stored(name)) {
            stored.insert(std::stoi(body));
        }
        REQUIRE(stored == kept);
    }

    static constexpr std::array queue_names{"d1", "d2", "t1"};

    std::mt19937 random_;
    std::shared_ptr<storage::MemoryDisk> disk_ = std::make_shared<storage::MemoryDisk>();
    std::optional<World> world_;
    std::array<std::unique_ptr<RecordingPort>, 3> ports_;
    std::map<std::string, ModelQueue> queues_;
    std::map<std::string, int> highest_out_;
    int last_body_ = 0;
};

} // namespace

TEST_CASE("virtual host: behaves as a map of messages does", "[core][model]") {
    const unsigned seed = GENERATE(range(1U, 13U));
    INFO("seed " << seed);
    Model model(seed);
    for (int step = 0; step < 3'000; ++step) {
        INFO("step " << step);
        model.step();
    }
}
