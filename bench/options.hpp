// What leveret-perf is told on its command line; the flags are those of RabbitMQ's PerfTest where it has them. Plain
// values, read by every thread.
#pragma once

#include "bench/connection.hpp"
#include "bench/schedule.hpp"
#include "protocol/field_table.hpp"
#include "protocol/properties.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bench {

// Names with a number in them: q-%d from 1 to 10.
struct Pattern {
    std::string text;
    unsigned from = 1;
    unsigned to = 1;

    std::vector<std::string> names() const; // empty without text
};

enum class Churn { none, connections, channels, queues, bindings };

struct Options {
    // --- who ---
    std::vector<Uri> uris{Uri{}}; // connections take them in turn
    ConnectionOptions connection;
    unsigned producers = 1;
    unsigned consumers = 1;
    unsigned producer_channels = 1; // of each connection
    unsigned consumer_channels = 1;
    unsigned threads = 2;
    Churn churn = Churn::none;      // instead of producers and consumers
    bool polling = false;           // basic.get instead of basic.consume
    double polling_interval_ms = 0; // after an empty answer

    // --- what ---
    std::size_t size = 12;
    Schedule sizes;                  // instead of the one
    std::vector<std::string> bodies; // instead of made up ones, in turn
    amqp::BasicProperties properties;
    bool mandatory = false;
    bool use_millis = false; // wall clock, for producers and consumers on several machines

    // --- how fast, how much ---
    Schedule rate; // of each producer; empty: as fast as it goes
    Schedule consumer_rate;
    Schedule consumer_latency; // microseconds for each message
    double random_start_delay_s = 0;
    std::optional<unsigned> confirm; // window; absent: no confirms
    double confirm_timeout_s = 30;
    unsigned producer_tx = 0; // messages of a transaction; 0: none
    unsigned consumer_tx = 0; // acks of a transaction
    std::uint16_t qos = 0;
    std::uint16_t global_qos = 0;
    unsigned multi_ack_every = 0; // 0 and 1: each message on its own
    bool autoack = false;
    bool nack = false;
    bool requeue = true; // what is nacked
    std::optional<std::uint64_t> producer_messages;
    std::optional<std::uint64_t> consumer_messages;
    double time_s = 0;    // 0: until the message counts are reached, or interrupted
    double warm_up_s = 0; // not counted

    // --- where ---
    std::string queue; // empty: one made up by the server for each consumer
    Pattern queue_pattern;
    amqp::FieldTable queue_arguments;
    amqp::FieldTable consumer_arguments;
    bool auto_delete = true;
    bool quorum = false;
    bool predeclared = false;
    std::string exchange = "direct"; // empty: the default exchange
    std::string exchange_type = "direct";
    std::string routing_key;
    Pattern key_pattern;      // each producer sends to all of them in turn
    unsigned random_keys = 0; // made up, in turn

    // --- what is said ---
    std::string id;
    double interval_s = 1;
    std::string json; // paths; empty: none
    std::string csv;
    std::string html;
    int broker_pid = 0; // 0: not looked at

    bool persistent() const { return properties.delivery_mode == 2; }
    bool durable_queues() const { return persistent() || quorum; }
    std::vector<std::string> queues() const; // of the pattern, or the one; empty when the server names them
    const Uri& uri(unsigned number) const { return uris[number % uris.size()]; }
};

// Throws std::runtime_error with one clear line when the options contradict each other.
void check(const Options& options);

} // namespace bench
