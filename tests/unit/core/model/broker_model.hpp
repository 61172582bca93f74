// A virtual host as everybody understands it: vectors, searched from front to back. Written from RabbitMQ's documents,
// not from broker/core, so that each can be checked against the other; read it to learn what a queue does.
//
// Where RabbitMQ promises nothing - in which order the queues of one message get it, which queue of a hash exchange a
// key leads to, which of two queues whose messages expire in the same millisecond comes first - a Choices decides.
//
// A value: copy it to try something. It has no consumers, no disk, no permissions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace broker::model {

struct Death { // an entry of x-death
    std::string queue, reason, exchange;
    std::vector<std::string> routing_keys;
    std::optional<std::int64_t> original_expiration;
    std::int64_t time_s = 0;
    int count = 1;
};

struct Message {
    std::string body, exchange = {}, routing_key = {};
    std::vector<std::string> cc = {};
    std::map<std::string, std::string> headers = {};
    int priority = 0;
    std::optional<std::int64_t> expiration = {};
    std::vector<Death> deaths = {};                                            // most recent first
    std::optional<std::vector<std::string>> first_death = {}, last_death = {}; // exchange, queue, reason

    std::vector<std::string> routing_keys() const;
};
using MessagePtr = std::shared_ptr<const Message>;

struct Binding {
    enum class To : std::uint8_t { queue, exchange };
    std::string source, destination;
    To to = To::queue;
    std::string key;
    std::map<std::string, std::string> arguments;
    bool operator==(const Binding&) const = default;
};

bool takes_one(const std::string& type); // of the destinations that are bound to such an exchange

struct Exchange {
    std::string name, type;
    std::optional<std::string> alternate;
    bool auto_delete = false;
    std::size_t history_length = 0; // x-recent-history
    std::deque<MessagePtr> history = {};
};

struct Entry { // a message in a queue
    std::int64_t position = 0;
    MessagePtr message = {};
    std::optional<std::int64_t> expires_at = {};
    bool redelivered = false;
    int failed_deliveries = 0;
};

struct Queue {
    std::string name;
    std::optional<std::int64_t> ttl = {};
    std::optional<std::size_t> max_length = {};
    std::string overflow = "drop-head";
    std::optional<std::string> dead_letter_exchange = {}, dead_letter_routing_key = {};
    int max_priority = 0;
    std::optional<int> delivery_limit = {}; // a quorum queue then
    std::vector<Entry> ready = {};          // in the order of delivery
    std::vector<Entry> unacked = {};        // in the order in which they were delivered
    std::int64_t next_position = 0;
};

// What the broker is free to decide; a seed of 0 is the plain order.
class Choices {
 public:
    explicit Choices(unsigned seed) : random_(seed), plain_(seed == 0) {}
    template <class Each>
    void reorder(std::vector<Each>& list) {
        for (std::size_t left = list.size(); left > 1; --left) {
            std::swap(list[list.size() - left], list[list.size() - left + one_of(left)]);
        }
    }
    std::size_t one_of(std::size_t count) {
        ways_ *= static_cast<double>(count);
        return plain_ ? 0 : random_() % count;
    }
    double ways() const { return ways_; } // how many there were to decide what has been asked

 private:
    std::mt19937 random_;
    bool plain_;
    double ways_ = 1;
};

class Broker {
 public:
    // --- topology ---
    void declare(Exchange exchange) { exchanges.push_back(std::move(exchange)); }
    void declare(Queue queue) { queues.push_back(std::move(queue)); }
    void bind(const Binding& binding);
    void unbind(const Binding& binding);
    void delete_exchange(const std::string& name);
    void delete_queue(const std::string& name);

    // --- messages ---
    struct Published {
        bool routed = false;
        bool accepted = true; // else a nack
    };
    Published publish(MessagePtr message);
    std::optional<Entry> get(const std::string& queue, bool no_ack);
    void ack(const std::string& queue, const std::string& body);
    void reject(const std::string& queue, const std::string& body);
    void requeue(const std::string& queue, const std::string& body);
    void recover(const std::string& queue); // all that is unacknowledged
    void purge(const std::string& queue) { find_queue(queue)->ready.clear(); }
    void pass(std::int64_t ms);

    Exchange* find_exchange(const std::string& name);
    Queue* find_queue(const std::string& name);

    std::vector<Exchange> exchanges{{"", "direct", {}}};
    std::vector<Queue> queues;
    std::vector<Binding> bindings;
    std::int64_t now_ms = 0;
    Choices choices{0};

 private:
    struct Dying {
        std::string queue;
        MessagePtr message;
        std::string reason;
    };

    // routing_model.cpp
    std::vector<std::string> route(Exchange& exchange, const MessagePtr& message); // names of queues
    std::vector<Binding> matching(const Exchange& exchange, const Message& message);

    void remove_binding(std::size_t index);
    bool enqueue(Queue& queue, const MessagePtr& message);
    static void insert(Queue& queue, Entry entry);
    void drop_surplus(Queue& queue);
    void put_back(Queue& queue, Entry entry);
    static Entry take_unacked(Queue& queue, const std::string& body);
    void expire();
    void bury();
    void bury(const Dying& dying);

    std::deque<Dying> dying_; // in the order of their deaths; they are published anew one after the other
};

} // namespace broker::model
