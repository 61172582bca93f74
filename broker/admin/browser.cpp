#include "broker/admin/browser.hpp"

#include <charconv>

namespace broker {
namespace {

template <class Number>
bool parse(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

} // namespace

boost::asio::awaitable<amqp::Result<BrowsedSlice>> browse(Api& api, VirtualHostPtr virtual_host, std::string queue,
                                                          Place after, std::size_t max) {
    const std::string host_name = virtual_host->name();
    auto start = [virtual_host, queue, after, max](std::function<void(BrowsedSlice)> done) {
        virtual_host->run([virtual_host, queue, after, max, done = std::move(done)](VirtualHost& host) {
            host.browse(queue, after, max, [virtual_host, done](BrowsedSlice slice) { done(std::move(slice)); });
        });
    };
    BrowsedSlice slice = co_await wait_for<BrowsedSlice>(api.io, std::move(start));
    if (slice.queue == 0) {
        co_return amqp::not_found("no queue '" + queue + "' in vhost '" + host_name + "'");
    }
    if (slice.exclusive) {
        co_return amqp::resource_locked("cannot obtain exclusive access to locked queue '" + queue + "' in vhost '" +
                                        host_name + "'");
    }
    co_return amqp::Result<BrowsedSlice>(std::move(slice));
}

std::string place_text(Place place) {
    return std::to_string(place.level) + '.' + std::to_string(place.sequence);
}

std::optional<Place> place_of(std::string_view text) {
    const std::size_t dot = text.find('.');
    Place place;
    if (dot == std::string_view::npos || !parse(text.substr(0, dot), place.level) ||
        !parse(text.substr(dot + 1), place.sequence)) {
        return std::nullopt;
    }
    const bool possible = place.level >= Place::behind_all_levels && place.level <= Place::first_level;
    return possible && place.sequence < UINT64_MAX ? std::optional(place) : std::nullopt;
}

} // namespace broker
