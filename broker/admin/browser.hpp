// Goes through the ready messages of a queue for one request, slice by slice: each is copied on the strand of the
// virtual host and looked at on the HTTP thread, so that neither is held up by a long queue. A part of its coroutine.
#pragma once

#include "broker/admin/api.hpp"
#include "broker/core/browsing.hpp"
#include "protocol/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace broker {

// The messages behind `after`. Fails if there is no such queue or it is exclusive to somebody.
boost::asio::awaitable<amqp::Result<BrowsedSlice>> browse(Api& api, VirtualHostPtr virtual_host, std::string queue,
                                                          Place after, std::size_t max);

// A place as a request names it: "0.1099511627777". Nothing if it is none.
std::string place_text(Place place);
std::optional<Place> place_of(std::string_view text);

} // namespace broker
