// Frames, methods, tables and properties; messages with a history of deaths.
#include "protocol/frame_writer.hpp"
#include "protocol/properties.hpp"
#include "tests/fuzz/seeds.hpp"
#include "tests/unit/protocol/random_values.hpp"

#include <string>

using namespace amqp;

namespace {

std::string frames(std::string parts) {
    std::string out = std::move(parts); // the first octet tells the target how to cut the rest
    write_method(out, 0, connection::TuneOk{.channel_max = 2047, .frame_max = 131072, .heartbeat = 60});
    write_heartbeat(out);
    write_method(out, 1, basic::Publish{.exchange = {"exchange"}, .routing_key = {"key"}});
    const std::string properties = BasicProperties{.delivery_mode = std::uint8_t{2}}.encode();
    write_content(out, 1, *Message::make("exchange", "key", properties, "a body in two frames"), 8 + 10);
    return out;
}

FieldTable every_type() {
    return {{"bool", true},
            {"byte", std::int8_t{-1}},
            {"unsignedbyte", std::uint8_t{255}},
            {"short", std::int16_t{-1}},
            {"unsignedshort", std::uint16_t{65535}},
            {"signedint", 60000},
            {"unsignedint", 60000U},
            {"long", std::int64_t{-1}},
            {"float", 1.5F},
            {"double", 1.5},
            {"decimal", Decimal{2, 123}},
            {"longstr", "text"},
            {"binary", ByteArray{"octets"}},
            {"array", Array{1, "two", Array{}, FieldTable{{"three", Void{}}}}},
            {"timestamp", Timestamp{1'000'000'000}},
            {"table", FieldTable{{"a", FieldTable{{"b", FieldTable{}}}}}},
            {"void", Void{}}};
}

// What the broker itself writes into a message that has died, and what a publisher might put in its place.
void add_histories(const Corpus& corpus) {
    const FieldTable death = {{"count", std::int64_t{3}},  {"reason", "expired"},
                              {"queue", "queue"},          {"time", Timestamp{1'700'000'000}},
                              {"exchange", "exchange"},    {"routing-keys", Array{"key", "cc"}},
                              {"original-expiration", "5"}};
    const auto add = [&](std::string_view name, FieldTable headers) {
        const BasicProperties properties{.headers = std::move(headers), .expiration = "60000"};
        corpus.add("dead_letter", name, '\1' + properties.encode());
    };
    add("none", {});
    add("a-history", {{"x-death", Array{death, death}}, {"x-first-death-queue", "queue"}, {"CC", Array{"a", "b"}}});
    add("no-array", {{"x-death", "often"}, {"CC", "no array"}});
    add("no-tables", {{"x-death", Array{1, "two", Array{}, FieldTable{}}}, {"BCC", Array{"hidden"}}});
    add("wrong-types", {{"x-death", Array{FieldTable{{"count", "3"}, {"queue", 7}, {"reason", true}}}}});
    const BasicProperties request{.reply_to = "amq.rabbitmq.reply-to", .user_id = "guest"};
    corpus.add("dead_letter", "request", '\0' + request.encode());
}

} // namespace

void add_protocol_seeds(const Corpus& corpus) {
    corpus.add("frame_parser", "session", frames("\x02"));
    corpus.add("frame_parser", "session-whole", frames("\x1f"));
    corpus.add("frame_parser", "too-large", std::string("\0\x03\0\x01\xff\xff\xff\xff", 8));

    boost::mp11::mp_for_each<AllMethods>([&]<class M>(M) {
        Random random(M::id.class_id * 1000U + M::id.method_id);
        std::string payload;
        encode_method(payload, random.method<M>());
        corpus.add("method_decode", M::name, payload);
    });

    corpus.add("field_table", "every-type", every_type().encode());
    corpus.add("field_table", "repeated-key", FieldTable{{"k", 1}, {"k", 2}}.encode());
    corpus.add("field_json", "every-type", std::string(1, '\0') + every_type().encode());
    corpus.add("properties", "none", BasicProperties{}.encode());
    corpus.add("properties", "persistent",
               BasicProperties{.delivery_mode = std::uint8_t{2}, .expiration = "60000"}.encode());
    Random random(1);
    for (int i = 0; i < 5; ++i) {
        const std::string name = "random-" + std::to_string(i);
        corpus.add("field_table", name, random.table().encode());
        corpus.add("properties", name, random.properties().encode());
    }
    add_histories(corpus);
}
