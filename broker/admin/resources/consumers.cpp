// Consumers, as the queues know them.
#include "broker/admin/listing.hpp"
#include "broker/admin/name_list.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/views.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <iterator>

namespace broker {
namespace {

void copy_consumers(VirtualHost& virtual_host, const std::string& name, std::vector<ConsumerSnapshot>& copies) {
    if (const Queue* queue = virtual_host.find_queue(name)) {
        std::ranges::move(consumers_of(*queue), std::back_inserter(copies));
    }
}

} // namespace

HttpAnswer list_consumers(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    boost::json::array items;
    for (const VirtualHostPtr& virtual_host : virtual_hosts_of(api, request)) {
        std::vector<std::string> queues = co_await on_strand(api, virtual_host, queue_names);
        std::ranges::sort(queues);
        const auto consumers = co_await collect<ConsumerSnapshot>(api, virtual_host, std::move(queues), copy_consumers);
        for (const ConsumerSnapshot& consumer : consumers) {
            items.push_back(consumer_json(consumer, virtual_host->name(), api.node_name()));
        }
    }
    co_return list_response(std::move(items), *listing);
}

} // namespace broker
