#include "broker/admin/thing_list.hpp"

#include "broker/admin/access.hpp"

#include <algorithm>

namespace broker {
namespace {

// What comes first; the same order of equal ones whichever way the list goes.
class Before {
 public:
    explicit Before(const Listing& listing)
        : by_name_(listing.by_name() && !listing.sort.empty()),
          by_host_(listing.sort_path() == "vhost"),
          by_key_(!listing.sort.empty() && !by_name_ && !by_host_),
          reverse_(listing.sort_reverse && !listing.sort.empty()) {}

    bool operator()(const ListedThing& a, const ListedThing& b) const {
        const int order = by_name_   ? a.name.compare(b.name)
                          : by_host_ ? (a.host < b.host ? -1 : a.host > b.host)
                          : by_key_  ? compare(a.key, b.key)
                                     : 0;
        if (order != 0) {
            return reverse_ ? order > 0 : order < 0;
        }
        return a.host != b.host ? a.host < b.host : a.name < b.name;
    }

 private:
    const bool by_name_, by_host_, by_key_, reverse_;
};

} // namespace

void ThingList::filter(const Page& page) {
    std::erase_if(things, [&](const ListedThing& thing) { return !page.accepts(thing.name); });
}

void ThingList::put_in_order(const Listing& listing) {
    filtered = things.size();
    const Before before(listing);
    if (!listing.page) {
        std::ranges::sort(things, before);
        return;
    }
    const auto slice = slice_of(*listing.page, filtered);
    out_of_range = !slice;
    if (!slice) {
        return;
    }
    const auto first = things.begin() + static_cast<std::ptrdiff_t>(slice->first);
    const auto last = first + static_cast<std::ptrdiff_t>(slice->count);
    if (first != things.end()) {
        std::ranges::nth_element(things, first, before);
        std::ranges::partial_sort(first, last, things.end(), before);
    }
    std::vector<ListedThing> shown(std::make_move_iterator(first), std::make_move_iterator(last));
    things = std::move(shown);
}

std::vector<VirtualHostPtr> virtual_hosts_of(Api& api, const HttpRequest& request) {
    for (const auto& [name, value] : request.parameters) {
        if (name == "vhost") {
            return {api.node.find_virtual_host(value)};
        }
    }
    return visible_virtual_hosts(api, *request.user);
}

} // namespace broker
