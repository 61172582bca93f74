// Lists of queues and exchanges, of which there may be very many: first only names and what they are put in order by
// are read, then the page is chosen, then what is on it is copied in full and described. On the HTTP thread; what is
// read of a virtual host is read on its strand, in short tasks.
#pragma once

#include "broker/admin/listing.hpp"
#include "broker/admin/sort_columns.hpp"
#include "broker/admin/sort_key.hpp"
#include "broker/admin/walk.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace broker {

struct ListedThing {
    SortKey key;
    std::string name;
    std::uint32_t host = 0; // of ThingList::hosts
};

struct ThingList {
    std::vector<VirtualHostPtr> hosts;
    std::vector<ListedThing> things; // by virtual host, then name, unless another order is asked for
    std::size_t total = 0, filtered = 0;
    bool out_of_range = false;

    void filter(const Page& page);
    void put_in_order(const Listing& listing); // and cuts to the page
};

// Of the virtual host in the path, or of all that the user may see.
std::vector<VirtualHostPtr> virtual_hosts_of(Api& api, const HttpRequest& request);

// How things of one kind are listed: Thing, Snapshot and Table are their types, and
//   table: the virtual host's, columns: those that can be read off a Thing,
//   find(host, name) -> const Thing*, and the JSON of a Snapshot without and with its rates.
// Models it: QueueKind in resources/queues.cpp.
template <class Kind>
const SortColumn<typename Kind::Thing>* find_column(std::string_view path) {
    const auto columns = Kind::columns();
    const auto found = std::ranges::find(columns, path, &SortColumn<typename Kind::Thing>::path);
    return found == columns.end() ? nullptr : &*found;
}

// A column that stands in no table: found in the JSON of everything.
template <class Kind>
boost::asio::awaitable<bool> read_keys(Api& api, ThingList& list, const Listing& listing) {
    using Snapshot = typename Kind::Snapshot;
    for (std::uint32_t host = 0; host < list.hosts.size(); ++host) {
        std::vector<std::string> names;
        std::unordered_map<std::string_view, ListedThing*> by_name;
        for (ListedThing& thing : list.things) {
            if (thing.host == host) {
                names.push_back(thing.name);
                by_name.emplace(thing.name, &thing);
            }
        }
        const auto read = [&](const Snapshot& snapshot) {
            const boost::json::value item = Kind::json(snapshot, list.hosts[host]->name(), api.node_name());
            by_name.at(snapshot.name)->key = SortKey::of(find_value(item, listing.sort));
        };
        co_await for_each_copy<Snapshot>(api, list.hosts[host], std::move(names), Kind::copy, read);
    }
    co_return true;
}

template <class Kind>
boost::asio::awaitable<ThingList> list_things(Api& api, const HttpRequest& request, const Listing& listing) {
    using Thing = typename Kind::Thing;
    using Things = std::vector<ListedThing>;
    ThingList list;
    list.hosts = virtual_hosts_of(api, request);
    const bool wants_key = !listing.sort.empty() && !listing.by_name() && listing.sort_path() != "vhost";
    const SortColumn<Thing>* column = find_column<Kind>(listing.sort_path());
    const bool by_rate = column == nullptr && listing.rated_path() != "";
    if (by_rate) {
        column = find_column<Kind>(listing.rated_path());
    }
    for (std::uint32_t host = 0; host < list.hosts.size(); ++host) {
        const auto visit = [column, host](Things& things, const Thing& thing) {
            things.push_back({column == nullptr ? SortKey() : column->of(thing), thing.name(), host});
            return 1U;
        };
        Things things = co_await walk<Things>(api, list.hosts[host], Kind::table, visit);
        std::ranges::move(things, std::back_inserter(list.things));
    }
    list.total = list.things.size();
    if (listing.page) {
        list.filter(*listing.page);
    }
    if (by_rate && column != nullptr) {
        for (ListedThing& thing : list.things) {
            thing.key.number = api.rate_keys.rate(Kind::name + std::string(column->path),
                                                  list.hosts[thing.host]->name() + '\0' + thing.name,
                                                  thing.key.number, api.now_ms());
        }
    } else if (wants_key && column == nullptr) {
        co_await read_keys<Kind>(api, list, listing);
    }
    list.put_in_order(listing);
    co_return list;
}

// The JSON of some of the things, in their order, without those that have gone.
template <class Kind>
boost::asio::awaitable<std::vector<boost::json::value>> describe_things(Api& api, const ThingList& list,
                                                                        std::span<const ListedThing> things,
                                                                        const SampleRanges& ranges) {
    using Snapshot = typename Kind::Snapshot;
    std::vector<std::unordered_map<std::string, Snapshot>> copies(list.hosts.size());
    for (std::uint32_t host = 0; host < list.hosts.size(); ++host) {
        std::vector<std::string> names;
        for (const ListedThing& thing : things) {
            if (thing.host == host) {
                names.push_back(thing.name);
            }
        }
        const auto keep = [&](Snapshot& snapshot) {
            std::string name = snapshot.name;
            copies[host].emplace(std::move(name), std::move(snapshot));
        };
        co_await for_each_copy<Snapshot>(api, list.hosts[host], std::move(names), Kind::copy, keep);
    }
    std::vector<boost::json::value> items;
    for (const ListedThing& thing : things) {
        if (const auto found = copies[thing.host].find(thing.name); found != copies[thing.host].end()) {
            items.emplace_back(Kind::describe(api, found->second, list.hosts[thing.host]->name(), ranges));
        }
    }
    co_return items;
}

template <class Kind>
HttpAnswer answer_list(Api& api, const HttpRequest& request) {
    constexpr std::size_t things_at_once = 512;
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const ThingList list = co_await list_things<Kind>(api, request, *listing);
    if (list.out_of_range) {
        co_return page_out_of_range(*listing->page, list.filtered);
    }
    ItemsText text(*listing);
    const std::span<const ListedThing> all(list.things);
    for (std::size_t first = 0; first < all.size(); first += things_at_once) {
        const auto some = all.subspan(first, std::min(things_at_once, all.size() - first));
        const auto items = co_await describe_things<Kind>(api, list, some, listing->ranges);
        for (const boost::json::value& item : items) {
            text.add(item);
        }
    }
    co_return std::move(text).response(list.filtered, list.total);
}

} // namespace broker
