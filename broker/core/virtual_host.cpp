#include "broker/core/virtual_host.hpp"

#include <algorithm>
#include <utility>

namespace broker {

VirtualHost::VirtualHost(storage::VirtualHostRecord record, Environment environment)
    : name_(record.name),
      shard_(record.shard),
      record_(std::make_shared<const storage::VirtualHostRecord>(std::move(record))),
      environment_(std::move(environment)),
      strand_(*this, environment_.post),
      commits_(environment_.store, shard_, strand_, *this),
      teller_(environment_.events, name_) {
    tracing = record_.load()->tracing;
    declare_predefined_exchanges();
    if (environment_.has_event_exchange && environment_.events != nullptr) {
        environment_.events->attach(*this);
    }
    if (environment_.make_timer) {
        timer_ = environment_.make_timer([this] { run([](VirtualHost& self) { self.on_time(); }); });
    }
}

VirtualHost::~VirtualHost() {
    if (environment_.events != nullptr) {
        environment_.events->detach(*this);
    }
    // A queue and its consumers own each other until these leave; nobody will ask them to any more.
    for (const auto& [queue_name, queue] : queues_) {
        queue->consumers().for_each([](Consumer& consumer) { consumer.strand.queue.reset(); });
    }
}

// --- from any thread
// --------------------------------------------------------------------------------------------------

Counts VirtualHost::counts() const {
    Counts counts;
    counts.host += counters_;
    counts.queues += totals;
    return counts;
}

void VirtualHost::attach(ConnectionPort& port) {
    port.dirty_ports_ = &dirty_ports_;
    strand_.submit(Strand::work([this, &port] {
        connections_.insert(&port);
        ++counters_.connections_created;
    }));
}

void VirtualHost::submit(ConnectionPort& port, CommandBatch commands) {
    struct Batch final : Strand::Work {
        Batch(VirtualHost& v, ConnectionPort& p, CommandBatch c) : virtual_host(v), port(p), commands(std::move(c)) {}
        void run() override { virtual_host.execute(port, commands); }
        VirtualHost& virtual_host;
        ConnectionPort& port;
        CommandBatch commands;
    };
    strand_.submit(std::make_unique<Batch>(*this, port, std::move(commands)));
}

void VirtualHost::run(std::function<void(VirtualHost&)> task) {
    strand_.submit(Strand::work([this, task = std::move(task)] { task(*this); }));
}

void VirtualHost::run_later(std::function<void(VirtualHost&)> task) {
    strand_.submit_elsewhere(Strand::work([this, task = std::move(task)] { task(*this); }));
}

// In slices, between what others want: freeing a million messages takes 0.15 s.
void VirtualHost::free_soon(ReadyList messages) {
    constexpr std::size_t messages_per_slice = 512;
    for (std::size_t left = messages_per_slice; left > 0 && !messages.empty(); --left) {
        messages.pop_front();
    }
    if (!messages.empty()) {
        strand_.submit_elsewhere(
            Strand::work([this, rest = std::move(messages)]() mutable { free_soon(std::move(rest)); }));
    }
}

void VirtualHost::set_record(storage::VirtualHostRecord record) {
    run([on = record.tracing](VirtualHost& self) { self.tracing = on; });
    record_.store(std::make_shared<const storage::VirtualHostRecord>(std::move(record)));
}

void VirtualHost::remove_everything(amqp::Error error, std::function<void()> done) {
    run([error = std::move(error), done = std::move(done)](VirtualHost& self) mutable {
        self.on_removed_ = std::move(done);
        for (ConnectionPort* port : std::vector<ConnectionPort*>(self.connections_.begin(), self.connections_.end())) {
            self.close_connection(*port, error);
        }
        self.remove_topology_if_empty();
    });
}

void VirtualHost::remove_topology_if_empty() {
    if (!on_removed_ || !connections_.empty()) {
        return;
    }
    while (!queues_.empty()) {
        delete_queue(*queues_.begin()->second);
    }
    std::vector<std::string> declared; // by name: deleting one may delete others
    for (const auto& [exchange_name, exchange] : exchanges_) {
        if (!is_predefined(exchange_name)) {
            declared.push_back(exchange_name);
        }
    }
    for (const std::string& exchange_name : declared) {
        if (Exchange* exchange = find_exchange(exchange_name)) {
            delete_exchange(*exchange);
        }
    }
    settings_.delete_everything(commits_.batch());
    // Commits complete in order: after this one nothing of this virtual host is on its way any more.
    commits_.when_durable(std::exchange(on_removed_, {}));
}

// --- batches
// ----------------------------------------------------------------------------------------------------------

void VirtualHost::execute(ConnectionPort& port, CommandBatch& commands) {
    for (Command& command : commands) {
        if (auto* settle = std::get_if<Settle>(&command.what)) {
            settle->consumer->strand.queue->settle(*settle->consumer, settle->first, settle->count, settle->body_bytes);
            continue;
        }
        if (auto* returned = std::get_if<Return>(&command.what)) {
            const std::shared_ptr<Queue> queue = returned->consumer->strand.queue;
            queue->take_back(std::move(*returned));
            continue;
        }
        ChannelPort* channel = port.find_channel(command.channel);
        if (auto* published = std::get_if<Publish>(&command.what)) {
            if (channel != nullptr && !channel->stopped) {
                publish(*channel, *published);
            }
            continue;
        }
        execute(port, channel, command.channel, *std::get<std::unique_ptr<BoxedRequest>>(command.what));
    }
}

void VirtualHost::execute(ConnectionPort& port, ChannelPort* channel, amqp::ChannelNumber number, BoxedRequest& boxed) {
    teller_.act_for(&port);
    execute_request(port, channel, number, boxed);
    teller_.act_for(nullptr);
}

void VirtualHost::execute_request(ConnectionPort& port, ChannelPort* channel, amqp::ChannelNumber number,
                                  BoxedRequest& boxed) {
    // The life cycle goes on whatever has failed before.
    if (std::holds_alternative<OpenChannel>(boxed.request)) {
        return open_channel(port, number);
    }
    if (std::holds_alternative<FinishChannel>(boxed.request)) {
        return finish_channel(port, number);
    }
    if (auto* failed = std::get_if<FailConnection>(&boxed.request)) {
        return fail(port, std::move(failed->error), boxed.method);
    }
    if (std::holds_alternative<StopConnection>(boxed.request)) {
        stop(port);
        return port.emit(ConnectionStopped{});
    }
    if (std::holds_alternative<FinishConnection>(boxed.request)) {
        return finish(port);
    }
    if (std::holds_alternative<ResumeDeliveries>(boxed.request)) {
        return resume_deliveries(port);
    }
    if (auto* restriction = std::get_if<RestrictTopics>(&boxed.request)) {
        return restrict_topics(port, std::move(restriction->guard));
    }
    if (channel == nullptr || channel->stopped) {
        return;
    }
    Answer answer = std::visit(
        [&](auto& request) -> Answer {
            if constexpr (requires { on(*channel, request); }) {
                return on(*channel, request);
            } else {
                return std::optional<Reply>();
            }
        },
        boxed.request);
    if (answer.has_error()) {
        fail(*channel, std::move(answer).error(), boxed.method);
    } else if (answer->has_value() && !boxed.no_wait) {
        port.emit(Replied{number, std::make_unique<Reply>(std::move(**answer))});
    }
    if (answer.has_value()) {
        std::visit(
            [&](auto& request) {
                if constexpr (requires { after_answer(request); }) {
                    after_answer(request);
                }
            },
            boxed.request);
    }
}

void VirtualHost::leave(std::vector<Waker*>& to_wake) {
    publish_traces();
    bury_some();
    for (const auto& queue : delivered_queues_) {
        commits_.batch().mark_delivered(queue->definition().id, queue->take_delivered_mark());
    }
    delivered_queues_.clear();
    commits_.flush();
    for (auto& queue : pages_wanted_) {
        Queue& wanted = *queue;
        commits_.store().read(wanted.definition().id, wanted.page_start(), Queue::page_messages, Queue::page_bytes,
                              [this, queue = std::move(queue)](storage::Store::Page page) {
                                  strand_.submit_elsewhere(
                                      Strand::work([this, queue, page = std::move(page)]() mutable {
                                          queue->on_page(std::move(page));
                                          serve_waiting_gets(*queue);
                                      }));
                              });
    }
    pages_wanted_.clear();
    for (const storage::QueueId queue : std::exchange(delayed_reads_, {})) {
        read_delayed(queue);
    }
    set_timer();
    for (ConnectionPort* port : dirty_ports_) {
        port->dirty_ = false;
        // From here on the port may be gone: its thread may already have seen ConnectionClosed.
        port->usual_events_ = port->events_.size();
        Waker* waker = port->deliver(std::exchange(port->events_, {}));
        if (waker != nullptr && std::find(to_wake.begin(), to_wake.end(), waker) == to_wake.end()) {
            to_wake.push_back(waker);
        }
    }
    dirty_ports_.clear();
    ++hold_;
}

// --- durability
// -------------------------------------------------------------------------------------------------------

void VirtualHost::on_durable(std::uint64_t up_to) {
    gate_.on_durable(up_to);
}

void VirtualHost::on_store_failed(storage::Outcome outcome) {
    environment_.on_store_failed(outcome);
}

void VirtualHost::request_page(Queue& queue) {
    pages_wanted_.push_back(queue.shared_from_this());
}

void VirtualHost::note_delivered(Queue& queue) {
    if (delivered_queues_.empty() || delivered_queues_.back().get() != &queue) {
        delivered_queues_.push_back(queue.shared_from_this());
    }
}

// --- telling
// ----------------------------------------------------------------------------------------------------------

std::int64_t VirtualHost::now_ms() const {
    return environment_.clock.now_ms();
}

void VirtualHost::publish_event(const amqp::MessagePtr& event) {
    if (Exchange* exchange = find_exchange(event_exchange)) {
        publish_from(*exchange, event);
    }
}

void VirtualHost::note_event_bindings(const Exchange& source) {
    if (environment_.has_event_exchange && environment_.events != nullptr && source.name() == event_exchange) {
        environment_.events->set_bound(*this, !source.bindings().empty());
    }
}

} // namespace broker
