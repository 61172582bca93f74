#include "bench/load.hpp"

#include "bench/churner.hpp"
#include "bench/clock.hpp"
#include "bench/connection_churn.hpp"
#include "bench/poller.hpp"
#include "bench/producer.hpp"
#include "bench/report.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <random>
#include <stdexcept>
#include <thread>
#include <utility>

namespace bench {
namespace {

volatile std::sig_atomic_t interrupted = 0;

std::string made_up_name() {
    std::random_device random;
    return "perf-" + std::to_string(random()) + std::to_string(random());
}

// One key for all queues that have no names yet: everybody gets everything, as in PerfTest.
std::string common_key(const Options& options) {
    const bool known = !options.routing_key.empty() || !options.queues().empty();
    return known ? options.routing_key : made_up_name();
}

} // namespace

Load::Load(const Options& options) : options_(options), queues_(options.queues()), routing_key_(common_key(options)) {
    if (options.churn == Churn::connections) {
        for (unsigned i = 0; i < options.producers; ++i) {
            threads_.push_back(std::make_unique<ConnectionChurn>(options_, options_.uri(i)));
        }
        return;
    }
    for (unsigned i = 0; i < options.threads; ++i) {
        threads_.push_back(std::make_unique<Worker>());
    }
}

void Load::interrupt() {
    interrupted = 1;
}

void Load::run() {
    control_ = std::make_unique<Connection>(options_.uri(0), options_.connection);
    control_->open_channel(1);
    if (options_.churn == Churn::none) {
        declare_common();
        add_consumers();
        add_producers();
    } else if (options_.churn != Churn::connections) {
        add_churners();
    }
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
    for (const std::string& queue : queues_) {
        declare_queue(*control_, queue);
    }
}

std::string Load::declare_queue(Connection& connection, const std::string& name) {
    const std::string arguments = options_.queue_arguments.encode();
    const std::string queue(connection
                                .call<amqp::queue::DeclareOk>(amqp::queue::Declare{.queue = {name},
                                                                                   .durable = options_.durable_queues(),
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

std::unique_ptr<Link> Load::connect(unsigned number, unsigned channels) {
    auto link = std::make_unique<Link>(options_.uri(number), options_.connection);
    for (unsigned channel = 1; channel <= channels; ++channel) {
        link->connection().open_channel(static_cast<amqp::ChannelNumber>(channel));
    }
    return link;
}

Worker& Load::worker(std::size_t number) {
    return static_cast<Worker&>(*threads_[number % threads_.size()]);
}

void Load::add_consumers() {
    std::size_t number = 0;
    for (unsigned i = 0; i < options_.consumers; ++i) {
        Worker& worker = this->worker(i + std::size_t{1});
        auto link = connect(i, options_.consumer_channels);
        std::vector<Role*> roles;
        for (unsigned channel = 1; channel <= options_.consumer_channels; ++channel, ++number) {
            std::string queue = queues_.empty() ? "" : queues_[number % queues_.size()];
            if (queue.empty()) {
                queue = declare_queue(link->connection(), queue);
            }
            const auto id = static_cast<amqp::ChannelNumber>(channel);
            auto role = options_.polling
                            ? std::make_unique<Poller>(options_, link->connection(), id, queue, worker.counters())
                            : std::make_unique<Consumer>(options_, link->connection(), id, queue, worker.counters());
            roles.push_back(&link->add(std::move(role)));
        }
        for (Role* role : roles) {
            role->subscribe();
        }
        worker.add(std::move(link));
    }
}

std::vector<std::string> Load::keys_of(std::size_t producer) const {
    if (!options_.key_pattern.text.empty()) {
        return options_.key_pattern.names();
    }
    if (options_.random_keys > 0) {
        std::vector<std::string> keys(options_.random_keys);
        std::generate(keys.begin(), keys.end(), made_up_name);
        return keys;
    }
    return {routing_key_.empty() ? queues_[producer % queues_.size()] : routing_key_};
}

void Load::add_producers() {
    std::size_t number = 0;
    for (unsigned i = 0; i < options_.producers; ++i) {
        Worker& worker = this->worker(i);
        auto link = connect(i, options_.producer_channels);
        for (unsigned channel = 1; channel <= options_.producer_channels; ++channel, ++number) {
            link->add(std::make_unique<Producer>(options_, link->connection(),
                                                 static_cast<amqp::ChannelNumber>(channel), keys_of(number),
                                                 worker.counters()));
        }
        worker.add(std::move(link));
    }
}

void Load::add_churners() {
    const std::string name = made_up_name();
    for (unsigned i = 0; i < options_.producers; ++i) {
        Worker& worker = this->worker(i);
        auto link = connect(i, 1);
        link->add(
            std::make_unique<Churner>(options_, link->connection(), name + "-" + std::to_string(i), worker.counters()));
        worker.add(std::move(link));
    }
}

bool Load::everything_done() const {
    return std::all_of(threads_.begin(), threads_.end(), [](const auto& thread) { return thread->ended(); });
}

void Load::rethrow_failure() const {
    for (const auto& thread : threads_) {
        if (thread->ended() && !thread->error().empty()) {
            throw std::runtime_error(thread->error());
        }
    }
}

void Load::report_until_end() {
    Report report(options_);
    const std::uint64_t start = now_ns();
    for (const auto& thread : threads_) {
        thread->start();
    }
    std::string failure;
    try {
        wait_until_end(report, start);
    } catch (const std::runtime_error& error) { // the figures so far are said all the same
        failure = error.what();
    }
    report.finish(sample(start), failure);
    for (const auto& thread : threads_) {
        thread->stop();
    }
    if (!failure.empty()) {
        throw std::runtime_error(failure);
    }
    rethrow_failure();
}

Sample Load::sample(std::uint64_t start) const {
    Sample sample;
    sample.time_s = static_cast<double>(now_ns() - start) / 1e9;
    for (const auto& thread : threads_) {
        sample.add(thread->counters());
    }
    return sample;
}

void Load::wait_until_end(Report& report, std::uint64_t start) {
    const auto elapsed = [&] { return static_cast<double>(now_ns() - start) / 1e9; };
    bool counting = options_.warm_up_s == 0;
    double next_line = options_.warm_up_s + options_.interval_s;
    while (!everything_done() && interrupted == 0 &&
           (options_.time_s == 0 || elapsed() < options_.warm_up_s + options_.time_s)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        rethrow_failure();
        if (!counting && elapsed() >= options_.warm_up_s) {
            counting = true;
            report.begin(sample(start));
        }
        if (elapsed() >= next_line) {
            report.interval(sample(start));
            next_line += options_.interval_s;
        }
    }
    rethrow_failure();
}

} // namespace bench
