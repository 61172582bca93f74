// Writes the seed corpus: for every target a few valid inputs, always the same.
#include "protocol/frame_writer.hpp"
#include "protocol/properties.hpp"
#include "tests/unit/protocol/random_values.hpp"

#include <filesystem>
#include <fstream>
#include <string>

using namespace amqp;

namespace {

void write(const std::filesystem::path& file, Bytes content) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
}

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

struct ProxySeed {
    const char* name;
    Bytes octets;
};

const ProxySeed proxy_seeds[] = {
    {"v1-tcp4", "PROXY TCP4 192.0.2.1 192.0.2.2 40000 5672\r\nAMQP"},
    {"v1-tcp6", "PROXY TCP6 2001:db8::1 ::1 1 65535\r\n"},
    {"v1-unknown", "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n"},
    {"v2-local", Bytes("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", 16)},
    {"v2-tcp4", Bytes("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\1\xc0\0\2\2\x9c\x40\x16\x28" "AMQP", 32)},
    {"v2-tcp6-tlv", Bytes("\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x27"
                          "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2\x9c\x40\x16\x28"
                          "\4\0\0",
                          55)},
};

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        return 2;
    }
    const std::filesystem::path corpus = argv[1];
    write(corpus / "frame_parser" / "session", frames("\x02"));
    write(corpus / "frame_parser" / "session-whole", frames("\x1f"));
    write(corpus / "frame_parser" / "too-large", std::string("\0\x03\0\x01\xff\xff\xff\xff", 8));

    boost::mp11::mp_for_each<AllMethods>([&]<class M>(M) {
        Random random(M::id.class_id * 1000U + M::id.method_id);
        std::string payload;
        encode_method(payload, random.method<M>());
        write(corpus / "method_decode" / M::name, payload);
    });

    write(corpus / "field_table" / "every-type", every_type().encode());
    write(corpus / "field_table" / "repeated-key", FieldTable{{"k", 1}, {"k", 2}}.encode());
    write(corpus / "properties" / "none", BasicProperties{}.encode());
    write(corpus / "properties" / "persistent",
          BasicProperties{.delivery_mode = std::uint8_t{2}, .expiration = "60000"}.encode());
    Random random(1);
    for (int i = 0; i < 5; ++i) {
        write(corpus / "field_table" / ("random-" + std::to_string(i)), random.table().encode());
        write(corpus / "properties" / ("random-" + std::to_string(i)), random.properties().encode());
    }
    for (const ProxySeed& seed : proxy_seeds) {
        write(corpus / "proxy_header" / seed.name, seed.octets);
    }
    return 0;
}
