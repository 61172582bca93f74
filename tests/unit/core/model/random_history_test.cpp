// Random topologies and messages, in a real virtual host and in the model of one: after every step both have said the
// same and hold the same. A failure shows the whole history; LEVERET_SEED=N plays it again.
#include "comparison.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

namespace broker::model {
namespace {

constexpr std::array exchange_types{
    "direct", "fanout", "topic", "headers", "x-random", "x-modulus-hash", "x-consistent-hash", "x-recent-history"};
constexpr std::array keys{"", "a", "b", "a.b", "a.a.b", "b..a", "q0", "q1", "q2"};
constexpr std::array patterns{"", "a", "a.b", "#", "*", "a.*", "*.b", "#.b", "a.#", "*.*", "#.a.#", "b.*.a", "q0"};
class History : public Comparison {
 public:
    explicit History(unsigned seed) : random_(seed) {}

    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            if (lost()) {
                return;
            }
            const std::size_t dice = i < 40 ? pick(12) : pick(100);
            if (dice < 3) {
                declare_queue();
            } else if (dice < 6) {
                declare_exchange();
            } else if (dice < 12) {
                change_binding();
            } else if (dice < 13) {
                remove();
            } else if (dice < 55) {
                publish();
            } else if (dice < 70) {
                get();
            } else if (dice < 92) {
                settle();
            } else {
                pass();
            }
        }
    }

 private:
    std::size_t pick(std::size_t below) { return random_() % below; }
    bool chance(std::size_t percent) { return pick(100) < percent; }
    template <class List>
    auto any(const List& list) {
        return list[pick(std::size(list))];
    }

    // --- topology ---

    void declare_queue() {
        Queue queue{.name = any(queue_names)};
        if (model_.find_queue(queue.name) != nullptr) {
            return;
        }
        amqp::FieldTable arguments;
        if (chance(50)) {
            queue.ttl = any(std::array{0, 20, 100, 100, 3'000});
            arguments.append("x-message-ttl", *queue.ttl);
        }
        if (chance(50)) {
            queue.max_length = pick(4);
            arguments.append("x-max-length", static_cast<std::int64_t>(*queue.max_length));
        }
        const bool quorum = chance(20);
        if (quorum) {
            queue.delivery_limit = static_cast<int>(pick(3));
            arguments.append("x-queue-type", "quorum");
            arguments.append("x-delivery-limit", std::int64_t{*queue.delivery_limit});
        } else if (chance(20)) {
            queue.max_priority = 2;
            arguments.append("x-max-priority", std::int64_t{2});
        }
        if (chance(40)) {
            queue.overflow = quorum ? "reject-publish" : any(std::array{"reject-publish", "reject-publish-dlx"});
            arguments.append("x-overflow", queue.overflow);
        }
        if (chance(70)) {
            queue.dead_letter_exchange = chance(30) ? "" : any(exchange_names);
            arguments.append("x-dead-letter-exchange", *queue.dead_letter_exchange);
            if (chance(60)) {
                queue.dead_letter_routing_key = any(keys);
                arguments.append("x-dead-letter-routing-key", *queue.dead_letter_routing_key);
            }
        }
        auto& holder = holders_[queue.name];
        if (holder == nullptr) {
            holder = std::make_unique<RecordingPort>(world_.host);
            holder->open();
        }
        std::string what = "declare " + queue.name;
        for (const auto& [name, value] : arguments) {
            what += " " + name + "=" + value.to_text();
        }
        const bool durable = quorum || chance(50);
        step(
            what,
            [&] {
                return publisher_.ask(broker::declare_queue(queue.name, {.durable = durable, .arguments = arguments}));
            },
            [&](Broker& broker) {
                broker.declare(queue);
                return Lines{"declared " + queue.name + " 0/0"};
            });
    }

    void declare_exchange() {
        Exchange exchange{.name = any(exchange_names), .type = any(exchange_types), .alternate = {}};
        if (model_.find_exchange(exchange.name) != nullptr) {
            return;
        }
        amqp::FieldTable arguments;
        if (chance(30)) {
            exchange.alternate = any(exchange_names);
            arguments.append("alternate-exchange", *exchange.alternate);
        }
        exchange.auto_delete = chance(20);
        if (exchange.type == "x-recent-history") {
            exchange.history_length = 2;
            arguments.append("x-recent-history-length", std::int64_t{2});
        }
        step(
            "declare " + exchange.name + " " + exchange.type + " alternate " + exchange.alternate.value_or("-") +
                (exchange.auto_delete ? " auto-delete" : ""),
            [&] {
                return publisher_.ask(broker::declare_exchange(
                    exchange.name, exchange.type, {.auto_delete = exchange.auto_delete, .arguments = arguments}));
            },
            [&](Broker& broker) {
                broker.declare(exchange);
                return Lines{"done 40.11"};
            });
    }

    Binding random_binding(const Exchange& source) {
        Binding binding{.source = source.name, .destination = {}, .to = Binding::To::queue, .key = {}, .arguments = {}};
        binding.to = chance(35) ? Binding::To::exchange : Binding::To::queue;
        binding.destination = binding.to == Binding::To::queue ? any(queue_names) : any(exchange_names);
        binding.key = source.type == "x-consistent-hash" ? any(std::array{"1", "2", "10"}) : any(patterns);
        if (source.type == "headers") {
            binding.arguments = random_headers();
            if (chance(80)) {
                binding.arguments["x-match"] = any(std::array{"all", "any", "all-with-x", "any-with-x"});
            }
        }
        return binding;
    }

    void change_binding() {
        const Exchange source = any(model_.exchanges);
        if (source.name.empty()) {
            return;
        }
        const bool unbind = chance(25);
        const Binding binding = unbind && !model_.bindings.empty() ? any(model_.bindings) : random_binding(source);
        const bool to_queue = binding.to == Binding::To::queue;
        if (to_queue ? !model_.find_queue(binding.destination) : !model_.find_exchange(binding.destination)) {
            return;
        }
        // Two destinations are enough to choose between.
        const auto destinations = std::count_if(model_.bindings.begin(), model_.bindings.end(),
                                                [&](const Binding& b) { return b.source == binding.source; });
        if (!unbind && takes_one(source.type) && destinations >= 2) {
            return;
        }
        std::string what = (unbind ? "unbind " : "bind ") + binding.source + " -> " + binding.destination + " by '" +
                           binding.key + "'";
        for (const auto& [name, value] : binding.arguments) {
            what += " " + name + "=" + value;
        }
        step(
            what,
            [&] {
                if (to_queue) {
                    return publisher_.ask(BindQueue{binding.destination, binding.source, binding.key,
                                                    table_of(binding.arguments), unbind});
                }
                return publisher_.ask(BindExchange{binding.destination, binding.source, binding.key,
                                                   table_of(binding.arguments), unbind});
            },
            [&](Broker& broker) {
                unbind ? broker.unbind(binding) : broker.bind(binding);
                return Lines{std::string("done ") +
                             (to_queue ? (unbind ? "50.51" : "50.21") : (unbind ? "40.51" : "40.31"))};
            });
    }

    void remove() {
        if (chance(50)) {
            const Exchange exchange = any(model_.exchanges);
            if (!exchange.name.empty()) {
                step(
                    "delete " + exchange.name, [&] { return publisher_.ask(DeleteExchange{.name = exchange.name}); },
                    [&](Broker& broker) {
                        broker.delete_exchange(exchange.name);
                        return Lines{"done 40.21"};
                    });
            }
        } else if (!model_.queues.empty()) {
            const std::string name = any(model_.queues).name;
            step(
                "delete " + name,
                [&] {
                    const Lines lines = publisher_.ask(DeleteQueue{.name = name});
                    RecordingPort& holder = *holders_.at(name); // gives back to a queue that is not there any more
                    holder.close_channel();
                    holder.open();
                    holder.take();
                    return lines;
                },
                [&](Broker& broker) {
                    const std::size_t ready = broker.find_queue(name)->ready.size();
                    broker.delete_queue(name);
                    return Lines{"deleted " + std::to_string(ready)};
                });
        }
    }

    // --- messages ---

    std::map<std::string, std::string> random_headers() {
        std::map<std::string, std::string> headers;
        for (const char* name : {"a", "b", "x-c"}) {
            if (chance(45)) {
                headers[name] = any(std::array{"1", "2"});
            }
        }
        return headers;
    }

    void publish() {
        Message message{.body = std::to_string(++last_body_)};
        message.exchange = any(model_.exchanges).name;
        message.routing_key = any(keys);
        message.headers = random_headers();
        if (chance(10)) {
            message.cc = {any(keys)};
        }
        message.priority = static_cast<int>(pick(5));
        if (chance(20)) {
            message.expiration = any(std::array{0, 20, 50, 5'000});
        }
        const PublishOptions options{.confirm = chance(60) ? ++last_confirm_ : 0,
                                     .mandatory = chance(30),
                                     .persistent = chance(50),
                                     .priority = static_cast<std::uint8_t>(message.priority),
                                     .expiration = message.expiration ? std::to_string(*message.expiration) : "",
                                     .headers = headers_of(message),
                                     .extra_keys = message.cc};
        std::string what = "publish " + message.body + " to '" + message.exchange + "' by '" + message.routing_key +
                           "' expiration '" + options.expiration + "' priority " + std::to_string(message.priority);
        for (const auto& [name, value] : options.headers) {
            what += " " + name + "=" + value.to_text();
        }
        step(
            what,
            [&] {
                return publisher_.ask(broker::publish(message.exchange, message.routing_key, message.body, options));
            },
            [&](Broker& broker) {
                const Broker::Published published = broker.publish(std::make_shared<Message>(message));
                Lines lines;
                if (options.mandatory && !published.routed) {
                    lines.push_back("returned '" + message.body + "'");
                }
                if (options.confirm != 0) {
                    lines.push_back((published.accepted ? "confirmed " : "refused ") + std::to_string(options.confirm));
                }
                return lines;
            });
    }

    void get() {
        if (model_.queues.empty()) {
            return;
        }
        const std::string queue = any(model_.queues).name;
        const bool no_ack = chance(20);
        step(
            "get " + queue + (no_ack ? " no-ack" : ""),
            [&] { return holders_.at(queue)->ask(broker::get(queue, {.no_ack = no_ack})); },
            [&](Broker& broker) {
                const auto got = broker.get(queue, no_ack);
                if (!got) {
                    return Lines{"get-empty"};
                }
                return Lines{"get-ok '" + got->message->body + "'" + (got->redelivered ? " redelivered" : "") +
                             (got->failed_deliveries > 0 ? " count " + std::to_string(got->failed_deliveries) : "") +
                             " left " + std::to_string(broker.find_queue(queue)->ready.size())};
            });
    }

    void settle() {
        if (model_.queues.empty()) {
            return;
        }
        const Queue queue = any(model_.queues);
        RecordingPort& holder = *holders_.at(queue.name);
        const std::size_t dice = pick(100);
        if (dice < 3) {
            step(
                "purge " + queue.name, [&] { return holder.ask(PurgeQueue{queue.name}); },
                [&](Broker& broker) {
                    broker.purge(queue.name);
                    return Lines{"purged " + std::to_string(queue.ready.size())};
                });
        } else if (!queue.unacked.empty()) {
            if (dice < 10) {
                step(
                    "recover " + queue.name,
                    [&] {
                        holder.send_batch(holder.return_everything());
                        return holder.take();
                    },
                    [&](Broker& broker) {
                        broker.recover(queue.name);
                        return Lines{};
                    });
                return;
            }
            const std::string body = any(queue.unacked).message->body;
            const auto [verb, real, modelled] =
                any(std::array<Verb, 3>{{{"ack", &RecordingPort::ack, &Broker::ack},
                                         {"reject", &RecordingPort::reject, &Broker::reject},
                                         {"requeue", &RecordingPort::requeue, &Broker::requeue}}});
            step(
                std::string(verb) + " " + queue.name + " " + body,
                [&, really = real] {
                    (holder.*really)(body);
                    return holder.take();
                },
                [&, in_model = modelled](Broker& broker) {
                    (broker.*in_model)(queue.name, body);
                    return Lines{};
                });
        }
    }
    struct Verb {
        const char* name;
        void (RecordingPort::*real)(std::string_view);
        void (Broker::*modelled)(const std::string&, const std::string&);
    };

    void pass() {
        const std::int64_t ms = any(std::array{1, 10, 20, 50, 100, 150, 4'000});
        step(
            "pass " + std::to_string(ms) + " ms",
            [&] {
                world_.pass(ms);
                return publisher_.take();
            },
            [&](Broker& broker) {
                broker.pass(ms);
                return Lines{};
            });
    }

    std::mt19937 random_;
    int last_body_ = 0;
    std::uint64_t last_confirm_ = 0;
};

unsigned seed_of_this_run() {
    const char* given = std::getenv("LEVERET_SEED");
    return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device()();
}

} // namespace

TEST_CASE("virtual host: random topologies and messages agree with the model", "[core][model][random]") {
    const char* given = std::getenv("LEVERET_HISTORIES");
    const unsigned histories = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 60;
    const unsigned first_seed = seed_of_this_run();
    unsigned lost = 0, freely_decided = 0;
    for (unsigned seed = first_seed; seed < first_seed + histories; ++seed) {
        INFO("replay with LEVERET_SEED=" << seed << " LEVERET_HISTORIES=1");
        History history(seed);
        history.run(400);
        lost += history.lost() ? 1 : 0;
        freely_decided += history.freely_decided;
    }
    INFO(lost << " histories lost, " << freely_decided << " steps of another order than the model's");
    CHECK(lost * 5 <= histories + 10);
}

} // namespace broker::model
