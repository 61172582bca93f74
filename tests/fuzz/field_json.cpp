// Field values as JSON and back. The first octet says where the rest comes from: the wire or an HTTP client.
#include "broker/admin/field_json.hpp"

#include "protocol/assert.hpp"
#include "tests/fuzz/input.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace broker;
namespace json = boost::json;

namespace {

// Whatever a peer puts into a table or a property, what we show of it is JSON.
void from_wire(std::string_view octets) {
    json::error_code error;
    if (const auto table = amqp::FieldTable::decode({octets})) {
        static_cast<void>(json::parse(json::serialize(to_json(*table)), error, {}, {.max_depth = 64}));
        LEVERET_ASSERT(!error);
    }
    if (const auto properties = amqp::BasicProperties::decode(octets)) {
        static_cast<void>(json::parse(json::serialize(to_json(*properties)), error, {}, {.max_depth = 64}));
        LEVERET_ASSERT(!error);
    }
}

// What a client sends becomes a table that the wire can carry and that is shown as it was sent.
void from_json(std::string_view text) {
    json::error_code error;
    const json::value value = json::parse(text, error);
    if (error || !value.is_object()) {
        return;
    }
    if (const auto table = field_table(value.get_object())) {
        const auto carried = amqp::FieldTable::decode({table->encode()});
        LEVERET_ASSERT(carried.has_value() && *carried == *table);
        const auto again = field_table(to_json(*table));
        LEVERET_ASSERT(again.has_value() && *again == *table);
    }
    if (const auto properties = basic_properties(value.get_object())) {
        LEVERET_ASSERT(amqp::BasicProperties::decode(properties->encode()).has_value());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    if (input.octet() % 2 == 0) {
        from_wire(input.rest());
    } else {
        from_json(input.rest());
    }
    return 0;
}
