// Firehose tracing: what goes to amq.rabbitmq.trace.
#include "broker/core/message_content.hpp"
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

struct Tracing {
    Tracing() {
        port.open();
        port.ask(declare_queue("t", {.durable = true}), bind_queue("t", "amq.rabbitmq.trace", "#"), declare_queue("q"));
    }
    void set(bool on) {
        storage::VirtualHostRecord record = world.host.record();
        record.tracing = on;
        world.host.set_record(record);
    }
    // The traces since; the consumer of them is not traced itself.
    std::vector<amqp::MessagePtr> traces() {
        std::vector<amqp::MessagePtr> result;
        RecordingPort reader(world.host, "reader");
        reader.open();
        reader.ask(consume("t", "reader"));
        for (const auto& delivery : reader.ledger()) {
            result.push_back(delivery.unacked.message);
        }
        while (!reader.unacked().empty()) {
            reader.ack(reader.unacked().front());
        }
        reader.close();
        return result;
    }
    World world;
    RecordingPort port{world.host, "client"};
};

std::string text_of(const amqp::Message& message, std::string_view header) {
    MessageContent content(message);
    const amqp::FieldValue* value = content.header(header);
    return value != nullptr ? value->to_text() : "absent";
}

} // namespace

TEST_CASE("tracing: nothing is traced before it is switched on and after it is switched off", "[core][tracing]") {
    Tracing test;
    test.port.ask(put("q", "1"));
    CHECK(test.traces().empty());
    test.set(true);
    test.port.ask(put("q", "2"));
    CHECK(test.traces().size() == 1);
    test.set(false);
    test.port.ask(put("q", "3"));
    CHECK(test.traces().empty());
}

TEST_CASE("tracing: a publish is told with where it went and who sent it", "[core][tracing]") {
    Tracing test;
    test.port.ask(bind_queue("q", "amq.direct", "k"));
    test.set(true);
    test.port.ask(
        publish("amq.direct", "k", "body", {.persistent = true, .headers = {{"h", 1}}, .extra_keys = {"cc"}}));
    const auto traces = test.traces();
    REQUIRE(traces.size() == 1);
    const amqp::Message& trace = *traces.front();
    CHECK(trace.exchange() == "amq.rabbitmq.trace");
    CHECK(trace.routing_key() == "publish.amq.direct");
    CHECK(trace.body() == "body");
    MessageContent content(trace);
    CHECK(*content.headers() ==
          amqp::FieldTable{{"exchange_name", "amq.direct"},
                           {"routing_keys", amqp::Array{"k", "cc"}},
                           {"properties", amqp::FieldTable{{"headers", amqp::FieldTable{{"h", 1}}},
                                                           {"delivery_mode", std::uint8_t{2}}}},
                           {"node", "leveret@test"},
                           {"vhost", "/"},
                           {"connection", "client"},
                           {"channel", 1},
                           {"user", ""},
                           {"routed_queues", amqp::Array{"q"}}});
}

TEST_CASE("tracing: a delivery is told, of basic.get too, with whether it is the first", "[core][tracing]") {
    Tracing test;
    test.set(true);
    test.port.ask(put("q", "m"), get("q"));
    test.port.requeue("m");
    test.port.ask(consume("q", "c"));
    const auto traces = test.traces();
    REQUIRE(traces.size() == 3);
    CHECK(traces[0]->routing_key() == "publish.");
    for (const std::size_t i : {1, 2}) {
        CHECK(traces[i]->routing_key() == "deliver.q");
        CHECK(text_of(*traces[i], "redelivered") == std::to_string(i - 1));
        CHECK(text_of(*traces[i], "connection") == "client");
        CHECK(text_of(*traces[i], "routed_queues") == "absent");
    }
}

TEST_CASE("tracing: a queue that gets its own traces does not trace them again", "[core][tracing]") {
    Tracing test;
    test.port.ask(bind_queue("q", "amq.rabbitmq.trace", "#"), consume("q", "c", {.no_ack = true}));
    test.set(true);
    // The message, and the traces of its publish and its delivery; of these no more.
    CHECK(test.port.ask(put("q", "m")) == Lines{"deliver c 'm'", "deliver c 'm'", "deliver c 'm'"});
}
