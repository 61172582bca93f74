#include "bench/load.hpp"

#include "bench/clock.hpp"
#include "bench/consumer.hpp"
#include "bench/producer.hpp"
#include "bench/report.hpp"

#include <sys/random.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace bench {
namespace {

volatile std::sig_atomic_t interrupted = 0;

// One key for all queues that have no names yet: everybody gets everything, as in PerfTest.
std::string common_key(const Options& options) {
    if (!options.routing_key.empty() || !options.queues().empty()) {
        return options.routing_key;
    }
    std::uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) {
        random = now_ns();
    }
    return "perf-" + std::to_string(random);
}

} // namespace

Load::Load(const Options& options) : options_(options), routing_key_(common_key(options)) {
    for (unsigned i = 0; i < options.threads; ++i) {
        workers_.push_back(std::make_unique<Worker>());
    }
}

void Load::interrupt() {
    interrupted = 1;
}

void Load::run() {
    control_ = std::make_unique<Connection>(options_.uri);
    declare_common();
    add_consumers();
    add_producers();
    report_until_end();
}

void Load::declare_common() {
    if (options_.predeclared) {
        return;
    }
    if (!options_.exchange.empty() && !options_.exchange.starts_with("amq.")) {
        // Never durable, so that runs with and without -f persistent can follow each other.
        control_->call<amqp::exchange::DeclareOk>(
            amqp::exchange::Declare{.exchange = {options_.exchange}, .type = {options_.exchange_type}});
    }
    for (const std::string& queue : options_.queues()) {
        declare_queue(*control_, queue);
    }
}

std::string Load::declare_queue(Connection& connection, const std::string& name) {
    const std::string arguments = options_.queue_arguments.encode();
    const std::string queue(connection
                                .call<amqp::queue::DeclareOk>(amqp::queue::Declare{.queue = {name},
                                                                                   .durable = options_.persistent,
                                                                                   .exclusive = name.empty(),
                                                                                   .auto_delete = options_.auto_delete,
                                                                                   .arguments = {arguments}})
                                .queue);
    if (!options_.exchange.empty()) {
        const std::string& key = routing_key_.empty() ? queue : routing_key_;
        connection.call<amqp::queue::BindOk>(
            amqp::queue::Bind{.queue = {queue}, .exchange = {options_.exchange}, .routing_key = {key}});
    }
    return queue;
}

void Load::add_consumers() {
    const std::vector<std::string> queues = options_.queues();
    for (unsigned i = 0; i < options_.consumers; ++i) {
        Worker& worker = *workers_[(i + 1) % workers_.size()];
        const std::string name = queues.empty() ? "" : queues[i % queues.size()];
        auto consumer = std::make_unique<Consumer>(options_, name, worker.counters());
        if (name.empty()) {
            consumer->set_queue(declare_queue(consumer->connection(), name));
        }
        consumer->subscribe();
        worker.add(std::move(consumer));
    }
}

void Load::add_producers() {
    const std::vector<std::string> queues = options_.queues();
    for (unsigned i = 0; i < options_.producers; ++i) {
        Worker& worker = *workers_[i % workers_.size()];
        const std::string& key = routing_key_.empty() ? queues[i % queues.size()] : routing_key_;
        worker.add(std::make_unique<Producer>(options_, key, worker.counters()));
    }
}

std::vector<const Counters*> Load::counters() const {
    std::vector<const Counters*> all;
    for (const auto& worker : workers_) {
        all.push_back(&worker->counters());
    }
    return all;
}

bool Load::everything_done() const {
    return std::all_of(workers_.begin(), workers_.end(), [](const auto& worker) { return worker->ended(); });
}

void Load::rethrow_failure() const {
    for (const auto& worker : workers_) {
        if (worker->ended() && !worker->error().empty()) {
            throw std::runtime_error(worker->error());
        }
    }
}

void Load::report_until_end() {
    Report report(options_);
    const std::uint64_t start = now_ns();
    const auto elapsed = [&] { return static_cast<double>(now_ns() - start) / 1e9; };
    for (const auto& worker : workers_) {
        worker->start();
    }
    double next_line = options_.interval_s;
    while (!everything_done() && interrupted == 0 && (options_.time_s == 0 || elapsed() < options_.time_s)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        rethrow_failure();
        if (elapsed() >= next_line) {
            report.interval(Sample::of(counters(), elapsed()));
            next_line += options_.interval_s;
        }
    }
    const Sample total = Sample::of(counters(), elapsed());
    rethrow_failure();
    report.finish(total);
    for (const auto& worker : workers_) {
        worker->stop();
    }
    rethrow_failure();
}

} // namespace bench
