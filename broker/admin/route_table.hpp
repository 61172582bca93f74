// Every route of the API, one row per path and verb: what tag it needs, whether its virtual host is checked, how long
// its body may be, who handles it. What is not in the table does not exist; there is no route without an entry for
// access.
#pragma once

#include "broker/admin/access.hpp"
#include "broker/admin/http_message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

using Handler = HttpAnswer (*)(Api&, const HttpRequest&);

struct Route {
    std::string_view path; // below /api; "{vhost}" stands for one segment
    Verb verb;
    Tag tag;
    HostAccess host_access; // of the segment {vhost}
    Handler handler;
    std::size_t body_limit = 1 << 20;
};

std::span<const Route> routes(); // sorted by path, then verb
// Beside /api, and all there is on the port for Prometheus, where nobody is asked who he is.
std::span<const Route> metrics_routes();

struct RouteMatch {
    std::vector<const Route*> verbs; // rows of the path; empty: no such path
    std::vector<std::pair<std::string_view, std::string>> parameters;

    const Route* find(Verb verb) const;
    std::string allow() const; // "HEAD, GET, OPTIONS"
};

// `segments` are those below /api, unless it is another table's. A literal segment goes before a placeholder.
RouteMatch find_route(std::span<const std::string> segments, std::span<const Route> table = routes());

} // namespace broker
