// What leveret-perf is told on its command line; the flags are those of RabbitMQ's PerfTest where it has them. Plain
// values, read by every thread.
#pragma once

#include "protocol/field_table.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bench {

struct Uri {
    std::string host = "localhost";
    std::string port = "5672";
    std::string user = "guest";
    std::string password = "guest";
    std::string virtual_host = "/";

    static Uri parse(const std::string& text); // throws std::runtime_error
};

struct Options {
    Uri uri;
    unsigned producers = 1;
    unsigned consumers = 1;
    unsigned threads = 2;
    std::size_t size = 12;
    std::optional<unsigned> confirm; // window; absent: no confirms
    std::uint16_t qos = 0;
    unsigned multi_ack_every = 0; // 0 and 1: each message on its own
    bool autoack = false;
    double time_s = 0; // 0: until the message counts are reached, or interrupted
    double rate = 0;   // of each producer; 0: as fast as it goes
    std::optional<std::uint64_t> producer_messages;
    std::optional<std::uint64_t> consumer_messages;
    std::string queue; // empty: one made up by the server for each consumer
    std::string queue_pattern;
    unsigned pattern_from = 0;
    unsigned pattern_to = 0;
    amqp::FieldTable queue_arguments;
    std::string exchange = "direct"; // empty: the default exchange
    std::string exchange_type = "direct";
    std::string routing_key;
    bool persistent = false;
    bool mandatory = false;
    bool auto_delete = true;
    bool predeclared = false;
    bool use_millis = false; // wall clock, for producers and consumers on several machines
    double interval_s = 1;
    std::string json;   // path of the summary; empty: none
    int broker_pid = 0; // 0: not looked at

    std::vector<std::string> queues() const; // of the pattern, or the one; empty when the server names them
};

extern const char* const usage;

// Throws std::runtime_error with one clear line. Nothing when help was asked for.
std::optional<Options> parse_options(int argc, const char* const* argv);

} // namespace bench
