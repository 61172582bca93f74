#include "broker/admin/listing.hpp"

#include "broker/admin/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <catch2/catch.hpp>

using namespace broker;
namespace json = boost::json;

namespace {

Query query(std::string_view text) {
    return parse_target("/?" + std::string(text))->query;
}

json::array items() {
    return json::parse(R"([{"name":"b","n":2,"s":{"x":{"rate":1.5}}},{"name":"a","n":10},
                           {"name":"c","n":1,"s":{"x":{"rate":0.5}}}])")
        .get_array();
}

std::string names(const json::value& list) {
    std::string text;
    for (const json::value& item : list.get_array()) {
        text += item.get_object().at("name").get_string();
    }
    return text;
}

json::value page(std::string_view text) {
    return json::parse(page_response(items(), *Listing::of(query(text))).body);
}

} // namespace

TEST_CASE("listing: without a page a list is a bare array", "[admin][listing]") {
    CHECK(names(page("")) == "bac");
    CHECK(names(page("name=a")) == "bac"); // names are looked at only with pages
    CHECK(names(page("sort=name")) == "abc");
    CHECK(names(page("sort=n")) == "cba");
    CHECK(names(page("sort=n&sort_reverse=true")) == "abc");
    CHECK(names(page("sort=s.x.rate")) == "acb"); // nothing comes first
}

TEST_CASE("listing: columns are paths", "[admin][listing]") {
    const auto listing = Listing::of(query("columns=name,s.x.rate,nothing"));
    REQUIRE(listing.has_value());
    const HttpResponse response = list_response(items(), *listing);
    CHECK(json::parse(response.body) ==
          json::parse(R"([{"name":"b","s":{"x":{"rate":1.5}}},{"name":"a"},{"name":"c","s":{"x":{"rate":0.5}}}])"));
}

TEST_CASE("listing: a page says what it is a part of", "[admin][listing]") {
    const json::value shown = page("page=2&page_size=2&sort=name");
    const json::object& object = shown.get_object();
    CHECK(names(object.at("items")) == "c");
    CHECK(object.at("total_count") == 3);
    CHECK(object.at("filtered_count") == 3);
    CHECK(object.at("item_count") == 1);
    CHECK(object.at("page") == 2);
    CHECK(object.at("page_size") == 2);
    CHECK(object.at("page_count") == 2);
    CHECK(object.at("sort") == "name");
}

TEST_CASE("listing: names are filtered by a part of them or by a pattern", "[admin][listing]") {
    CHECK(names(page("page=1&name=a").get_object().at("items")) == "a");
    CHECK(names(page("page=1&name=%5E[ab]$&use_regex=true").get_object().at("items")) == "ba");
    CHECK(page("page=1&name=nothing").get_object().at("filtered_count") == 0);
    CHECK(page("page=1&name=nothing").get_object().at("page_count") == 1);
}

TEST_CASE("listing: an order that is no UTF-8 is answered as text", "[admin][listing]") {
    const json::value shown = page("page=1&sort=n\xff");
    CHECK(shown.at("sort").as_string() == json_text("n\xff"));
}

TEST_CASE("listing: a page behind the end is an error", "[admin][listing]") {
    const HttpResponse response = page_response(items(), *Listing::of(query("page=3&page_size=2")));
    CHECK(response.status == 400);
    CHECK(json::parse(response.body) ==
          json::parse(R"({"error":"page_out_of_range","reason":"Page out of range, page: 3 page size: 2, len: 3"})"));
}

TEST_CASE("listing: nonsense is refused", "[admin][listing]") {
    for (const std::string_view text : {"page=0", "page=x", "page=-1", "page=", "page=1&page_size=0",
                                        "page=1&page_size=501", "page=1&name=(&use_regex=true"}) {
        INFO(text);
        CHECK(Listing::of(query(text)).has_error());
    }
    CHECK(Listing::of(query("page=1&page_size=500&pagination=true")).has_value());
}
