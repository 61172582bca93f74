// Consumers, as the queues know them.
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/thing_list.hpp"
#include "broker/admin/views.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <iterator>

namespace broker {
namespace {

using Consumers = std::vector<ConsumerSnapshot>;

std::size_t add_consumers(Consumers& consumers, const Queue& queue) {
    std::ranges::move(consumers_of(queue), std::back_inserter(consumers));
    return 1 + queue.consumers().size();
}

} // namespace

HttpAnswer list_consumers(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    boost::json::array items;
    for (const VirtualHostPtr& virtual_host : virtual_hosts_of(api, request)) {
        Consumers consumers = co_await walk<Consumers>(api, virtual_host, &VirtualHost::queues, add_consumers);
        std::ranges::stable_sort(consumers, {}, &ConsumerSnapshot::queue);
        for (const ConsumerSnapshot& consumer : consumers) {
            items.push_back(consumer_json(consumer, virtual_host->name(), api.node.info()));
        }
    }
    co_return list_response(std::move(items), *listing);
}

} // namespace broker
