// Which things a list of queues or exchanges is to show: names are read first, filtered, put in order, and cut to the
// page, so that only what is shown needs to be copied in full. When the order is that of something else than the name,
// all that the filter lets through has to be copied.
#pragma once

#include "broker/admin/access.hpp"
#include "broker/admin/listing.hpp"
#include "broker/core/snapshot.hpp"

#include <boost/json/array.hpp>

#include <string>
#include <vector>

namespace broker {

struct NamesOfHost {
    VirtualHostPtr virtual_host;
    std::vector<std::string> names;
};

struct NameList {
    std::vector<NamesOfHost> parts; // by virtual host, then name
    std::size_t total = 0, filtered = 0;
    bool cut = false; // to the page
    bool out_of_range = false;

    HttpResponse response(boost::json::array items, const Listing& listing) const;
};

using ReadNames = std::vector<std::string> (*)(const VirtualHost&);

// Of the virtual host in the path, or of all that the user may see.
boost::asio::awaitable<NameList> list_names(Api& api, const HttpRequest& request, const Listing& listing,
                                            ReadNames read);

std::vector<VirtualHostPtr> virtual_hosts_of(Api& api, const HttpRequest& request);

} // namespace broker
