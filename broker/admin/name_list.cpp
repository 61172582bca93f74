#include "broker/admin/name_list.hpp"

#include <algorithm>

namespace broker {
namespace {

// Leaves of all the names together only those of the slice, from the back when the order is reversed.
void cut(NameList& list, Slice slice, bool reversed) {
    if (reversed) {
        std::ranges::reverse(list.parts);
    }
    for (NamesOfHost& part : list.parts) {
        if (reversed) {
            std::ranges::reverse(part.names);
        }
        const std::size_t skipped = std::min(slice.first, part.names.size());
        part.names.erase(part.names.begin(), part.names.begin() + static_cast<std::ptrdiff_t>(skipped));
        slice.first -= skipped;
        part.names.resize(std::min(slice.count, part.names.size()));
        slice.count -= part.names.size();
    }
    list.cut = true;
}

} // namespace

std::vector<VirtualHostPtr> virtual_hosts_of(Api& api, const HttpRequest& request) {
    for (const auto& [name, value] : request.parameters) {
        if (name == "vhost") {
            return {api.node.find_virtual_host(value)};
        }
    }
    return visible_virtual_hosts(api, *request.user);
}

boost::asio::awaitable<NameList> list_names(Api& api, const HttpRequest& request, const Listing& listing,
                                            ReadNames read) {
    NameList list;
    for (VirtualHostPtr& virtual_host : virtual_hosts_of(api, request)) {
        // Matched here, not on the strand: that costs more than a copy.
        std::vector<std::string> all = co_await on_strand(api, virtual_host, read);
        list.total += all.size();
        if (listing.page) {
            std::erase_if(all, [&](const std::string& name) { return !listing.page->accepts(name); });
        }
        list.filtered += all.size();
        std::ranges::sort(all);
        list.parts.push_back({std::move(virtual_host), std::move(all)});
    }
    // By name over several virtual hosts is not the order in which the parts come.
    if (listing.page && (listing.sort.empty() || (listing.by_name() && list.parts.size() == 1))) {
        const auto slice = slice_of(*listing.page, list.filtered);
        if (slice) {
            cut(list, *slice, listing.sort_reverse && !listing.sort.empty());
        }
        list.out_of_range = !slice;
    }
    co_return list;
}

HttpResponse NameList::response(boost::json::array items, const Listing& listing) const {
    if (cut) {
        return page_response(std::move(items), filtered, total, listing);
    }
    return page_response(std::move(items), total, listing);
}

} // namespace broker
