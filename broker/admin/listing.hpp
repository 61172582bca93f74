// What a list can be asked for in the query [A7, A8]: a page, a name filter, an order, columns, samples. Pure values
// and functions; lists of queues and exchanges (thing_list.hpp), of connections and channels (session_list.hpp) use the
// parts, so that they describe no more than is shown.
#pragma once

#include "broker/admin/http_message.hpp"
#include "broker/admin/rates.hpp"
#include "broker/text/pattern.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serializer.hpp>
#include <boost/json/value.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

struct SortKey;

struct Page {
    std::size_t number = 1; // from 1
    std::size_t size = default_size;
    std::string name;                       // part of the names wanted, or
    std::shared_ptr<const Pattern> pattern; // what they match

    bool accepts(std::string_view candidate) const;

    static constexpr std::size_t default_size = 100, max_size = 500;
};

struct Listing {
    std::optional<Page> page;      // nothing: everything, as a bare array
    std::vector<std::string> sort; // a path into the object; empty: by name
    bool sort_reverse = false;
    std::vector<std::vector<std::string>> columns; // paths; empty: all
    SampleRanges ranges;

    // Fails with PRECONDITION_FAILED.
    static amqp::Result<Listing> of(const Query& query);

    bool by_name() const { return sort.empty() || (sort.size() == 1 && sort.front() == "name"); }
    bool in_order(const SortKey& a, const SortKey& b) const; // a strictly before b
    std::string sort_path() const;                           // dotted
    std::string rated_path() const; // of the number whose rate they are put in order by; empty: by no rate
};

// Lists that do not know pages: order and columns only.
HttpResponse list_response(boost::json::array items, const Listing& listing);
// Filters by "name", orders, cuts the page out.
HttpResponse page_response(boost::json::array items, const Listing& listing);
// The same when the page has been cut out already, in order; `total` counts what was there before the filter.
HttpResponse page_response(boost::json::array shown, std::size_t filtered, std::size_t total, const Listing& listing);

// An answer written item by item: the JSON values of very many things at once would take many times the memory.
class ItemsText {
 public:
    explicit ItemsText(const Listing& listing) : listing_(listing) {} // must outlive this
    void add(const boost::json::value& item);
    HttpResponse response() &&; // a bare array, also if a page was asked for
    HttpResponse response(std::size_t filtered, std::size_t total) &&;

 private:
    void append(const boost::json::value& value);

    const Listing& listing_;
    boost::json::serializer serializer_;
    std::string text_ = "[";
    std::size_t items_ = 0;
};

// The part of `filtered` things that is on the page; an error response if it begins behind their end.
struct Slice {
    std::size_t first = 0, count = 0;
};
std::optional<Slice> slice_of(const Page& page, std::size_t filtered); // nothing: page_out_of_range
HttpResponse page_out_of_range(const Page& page, std::size_t filtered);

// The value at a path into an object; null if there is none.
const boost::json::value* find_value(const boost::json::value& item, const std::vector<std::string>& path);
boost::json::value with_columns(const boost::json::value& item, const Listing& listing);

} // namespace broker
