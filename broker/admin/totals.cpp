#include "broker/admin/totals.hpp"

#include "broker/admin/statistics_json.hpp"
#include "broker/admin/walk.hpp"

namespace broker {
namespace {

namespace json = boost::json;

// Those who see everything share a history; the others have one each.
std::string_view key_of(const User& user) {
    return user.is_monitoring() ? std::string_view() : std::string_view(user.name);
}

json::object rated_totals(Api& api, std::string_view key, const Counts& counts, const SampleRanges& ranges) {
    json::object churn;
    put_churn(churn, counts.host);
    json::object object{{"message_stats", message_stats(counts)}, {"churn_rates", std::move(churn)}};
    api.rates.put(Rates::Kind::totals, key, object, ranges, api.now_ms());
    return object;
}

} // namespace

Counts counts_of(const std::vector<VirtualHostPtr>& virtual_hosts) {
    Counts counts;
    for (const VirtualHostPtr& virtual_host : virtual_hosts) {
        counts += virtual_host->counts();
    }
    return counts;
}

boost::asio::awaitable<VirtualHostSnapshot> snapshot_of(Api& api, VirtualHostPtr virtual_host) {
    const auto add = [](VirtualHostSnapshot& sums, const Queue& queue) {
        sums.consumers += queue.consumers().size();
        sums.ready += queue.ready();
        sums.unacked += queue.unacked();
        return 1U;
    };
    VirtualHostSnapshot totals = co_await walk<VirtualHostSnapshot>(api, virtual_host, &VirtualHost::queues, add);
    const VirtualHostSnapshot rest =
        co_await on_strand(api, virtual_host, [](VirtualHost& host) { return snapshot_of(host); });
    totals += rest;
    co_return totals;
}

boost::asio::awaitable<VirtualHostSnapshot> snapshot_of(Api& api, std::vector<VirtualHostPtr> virtual_hosts) {
    VirtualHostSnapshot totals;
    for (const VirtualHostPtr& virtual_host : virtual_hosts) {
        const VirtualHostSnapshot part = co_await snapshot_of(api, virtual_host);
        totals += part;
    }
    co_return totals;
}

json::object totals_json(Api& api, const User& user, const Counts& counts, const SampleRanges& ranges) {
    return rated_totals(api, key_of(user), counts, ranges);
}

json::object lengths_json(Api& api, const User& user, const VirtualHostSnapshot& totals, const SampleRanges& ranges) {
    json::object lengths;
    put_message_counts(lengths, totals.ready, totals.unacked);
    api.rates.put(Rates::Kind::lengths, key_of(user), lengths, ranges, api.now_ms());
    return lengths;
}

void sample_totals(Api& api) {
    rated_totals(api, {}, counts_of(api.node.virtual_hosts()), {});
    api.rates.forget_unused(api.now_ms());
    api.rate_keys.forget_unused(api.now_ms());
}

} // namespace broker
