// A request of the management API: the header as Beast reads it under our limits, target and query, lists that are
// filtered, ordered and cut as the query says, and the body as an object with fields of every kind.
#include "broker/admin/body.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/target.hpp"
#include "protocol/assert.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

using namespace broker;
namespace http = boost::beast::http;
namespace json = boost::json;

namespace {

constexpr std::uint64_t body_limit = 10 * 1024;

void check_json(const HttpResponse& response) {
    json::error_code error;
    static_cast<void>(json::parse(response.body, error));
    LEVERET_ASSERT(!error);
}

void read_target(std::string_view text) {
    const auto target = parse_target(text);
    if (!target) {
        check_json(response_of(target.error()));
        return;
    }
    LEVERET_ASSERT(target->segments.size() <= max_path_segments);
    std::string path = "/";
    for (const std::string& segment : target->segments) {
        path.append(encode_segment(segment)).append("/");
    }
    const auto again = parse_target(path);
    LEVERET_ASSERT(again.has_value() && again->segments == target->segments);

    const auto listing = Listing::of(target->query);
    if (!listing) {
        check_json(response_of(listing.error()));
        return;
    }
    static const json::array items = json::parse(R"([
        {"name": "a", "n": 2, "d": {"e": [1], "f": true}}, {"name": "b", "n": 1.5}, {"name": 3, "d": null}, {}, "text"
    ])")
                                         .get_array();
    const HttpResponse response = page_response(items, *listing);
    LEVERET_ASSERT(response.status == 200 || response.status == 400);
    check_json(response);
}

void read_body(std::string_view text) {
    const auto body = decode_body(text);
    if (!body) {
        return;
    }
    BodyFields fields(*body);
    fields.require({"name", "vhost"});
    const auto name = fields.short_text("name");
    LEVERET_ASSERT(!name || fields.error() || name->size() <= 255);
    static_cast<void>(fields.text("vhost"));
    static_cast<void>(fields.integer("count"));
    static_cast<void>(fields.octet("priority"));
    static_cast<void>(fields.boolean("durable", true));
    static_cast<void>(fields.table("arguments").encode());
    if (fields.error()) {
        check_json(response_of(*fields.error()));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(16 * 1024);
    parser.body_limit(body_limit);
    parser.eager(true);
    boost::system::error_code error;
    const std::size_t taken = parser.put(boost::asio::buffer(data, size), error);
    LEVERET_ASSERT(taken <= size);
    if (!error && parser.is_header_done()) {
        read_target(parser.get().target());
        LEVERET_ASSERT(parser.get().body().size() <= body_limit);
        read_body(parser.get().body());
    }
    return 0;
}
