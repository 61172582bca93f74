// Metrics for Prometheus: in sum, for each object, or by family.
#include "broker/admin/access.hpp"
#include "broker/admin/metrics_node.hpp"
#include "broker/admin/metrics_tables.hpp"
#include "broker/admin/process.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/session_list.hpp"
#include "broker/admin/walk.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace broker {
namespace {

using Families = std::set<std::string_view>; // empty: all

template <class Object>
bool wants(const Families& families, const Metric<Object>& metric) {
    return families.empty() || families.contains(metric.family);
}

template <class Object>
bool wants_any(const Families& families, std::span<const Metric<Object>> metrics) {
    return std::ranges::any_of(metrics, [&](const auto& metric) { return wants(families, metric); });
}

template <class Object>
void put_objects(MetricsPage& page, std::span<const Metric<Object>> metrics, const MetricObjects<Object>& objects,
                 const Families& families) {
    for (const Metric<Object>& metric : metrics) {
        if (wants(families, metric) && !objects->empty()) {
            page.put_each(metric, objects);
        }
    }
}

template <class Object>
MetricObjects<Object> share(std::vector<Object> objects) {
    return std::make_shared<const std::vector<Object>>(std::move(objects));
}

// --- what there is of each kind ---

template <class T>
void move_to(std::vector<T>& all, std::vector<T> some) {
    std::ranges::move(some, std::back_inserter(all));
}

boost::asio::awaitable<void> add_queues(Api& api, VirtualHostPtr virtual_host, std::vector<QueueFigures>& all) {
    using Queues = std::vector<QueueFigures>;
    const auto add = [host_label = metric_label("vhost", virtual_host->name())](Queues& queues, const Queue& queue) {
        queues.push_back(QueueFigures::of(queue));
        queues.back().labels = host_label + ',' + metric_label("queue", queue.name());
        return 1U;
    };
    Queues some = co_await walk<Queues>(api, virtual_host, &VirtualHost::queues, add);
    move_to(all, std::move(some));
}

boost::asio::awaitable<void> add_exchanges(Api& api, VirtualHostPtr virtual_host, std::vector<ExchangeFigures>& all) {
    using Exchanges = std::vector<ExchangeFigures>;
    const auto add = [host_label = metric_label("vhost", virtual_host->name())](Exchanges& exchanges,
                                                                                const Exchange& exchange) {
        if (exchange.published_in > 0) {
            exchanges.push_back(ExchangeFigures::of(exchange));
            exchanges.back().labels = host_label + ',' + metric_label("exchange", exchange.name());
        }
        return 1U;
    };
    Exchanges some = co_await walk<Exchanges>(api, virtual_host, &VirtualHost::exchanges, add);
    move_to(all, std::move(some));
}

boost::asio::awaitable<void> add_exchange_names(Api& api, VirtualHostPtr virtual_host,
                                                std::vector<ExchangeFigures>& all) {
    using Exchanges = std::vector<ExchangeFigures>;
    const auto add = [host_label = metric_label("vhost", virtual_host->name())](Exchanges& exchanges,
                                                                                const Exchange& exchange) {
        exchanges.push_back(ExchangeFigures::of(exchange));
        exchanges.back().labels = host_label + ',' + metric_label("exchange", exchange.name()) + ',' +
                                  metric_label("type", exchange.definition().type);
        return 1U;
    };
    Exchanges some = co_await walk<Exchanges>(api, virtual_host, &VirtualHost::exchanges, add);
    move_to(all, std::move(some));
}

std::vector<ChannelFigures> channels_of(std::vector<SessionSnapshot>& sessions) {
    std::vector<ChannelFigures> channels;
    for (SessionSnapshot& session : sessions) {
        for (ChannelSnapshot& channel : session.channels) {
            std::string label = metric_label("channel", channel_name(session, channel));
            channels.push_back({std::move(label), std::move(channel)});
        }
    }
    return channels;
}

std::vector<ConnectionFigures> connections_of(const std::vector<SessionSnapshot>& sessions) {
    std::vector<ConnectionFigures> connections;
    for (const SessionSnapshot& session : sessions) {
        connections.push_back({metric_label("connection", session.name), session.octets_received, session.octets_sent,
                               session.octets_pending, session.reads, session.writes, session.channels.size()});
    }
    return connections;
}

boost::asio::awaitable<void> put_each_object(Api& api, MetricsPage& page, std::vector<VirtualHostPtr> virtual_hosts,
                                             Families families) {
    if (wants_any(families, queue_metrics())) {
        std::vector<QueueFigures> queues;
        for (const VirtualHostPtr& virtual_host : virtual_hosts) {
            co_await add_queues(api, virtual_host, queues);
        }
        const MetricObjects<QueueFigures> shared = share(std::move(queues));
        put_objects(page, queue_metrics(), shared, families);
        put_objects(page, queue_info_metrics(), shared, families);
    }
    if (wants_any(families, exchange_metrics())) {
        std::vector<ExchangeFigures> exchanges;
        for (const VirtualHostPtr& virtual_host : virtual_hosts) {
            co_await add_exchanges(api, virtual_host, exchanges);
        }
        put_objects(page, exchange_metrics(), share(std::move(exchanges)), families);
    }
    if (wants_any(families, channel_metrics()) || wants_any(families, connection_metrics())) {
        std::vector<SessionSnapshot> sessions = co_await list_sessions(api, nullptr);
        put_objects(page, connection_metrics(), share(connections_of(sessions)), families);
        put_objects(page, channel_metrics(), share(channels_of(sessions)), families);
    }
}

// --- sums ---

template <class Object>
void add(std::vector<std::uint64_t>& sums, std::span<const Metric<Object>> metrics, const Object& object) {
    sums.resize(metrics.size());
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        sums[i] += metrics[i].value(object);
    }
}

template <class Object>
void put_sums(MetricsPage& page, std::span<const Metric<Object>> metrics, std::vector<std::uint64_t> sums) {
    sums.resize(metrics.size());
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        page.put(metrics[i].name, metrics[i].type, metrics[i].help, sums[i]);
    }
}

using Sums = std::vector<std::uint64_t>;

std::size_t add_queue(Sums& sums, const Queue& queue) {
    add(sums, queue_metrics(), QueueFigures::of(queue));
    return 1;
}

std::size_t add_exchange(Sums& sums, const Exchange& exchange) {
    add(sums, exchange_metrics(), ExchangeFigures::of(exchange));
    return 1;
}

boost::asio::awaitable<void> put_all_sums(Api& api, MetricsPage& page) {
    Sums queues(queue_metrics().size()), exchanges(exchange_metrics().size()), channels, connections;
    for (const VirtualHostPtr& virtual_host : api.node.virtual_hosts()) {
        const Sums of_queues = co_await walk<Sums>(api, virtual_host, &VirtualHost::queues, add_queue);
        std::ranges::transform(of_queues, queues, queues.begin(), std::plus());
        const Sums of_exchanges = co_await walk<Sums>(api, virtual_host, &VirtualHost::exchanges, add_exchange);
        std::ranges::transform(of_exchanges, exchanges, exchanges.begin(), std::plus());
    }
    put_sums(page, queue_metrics(), std::move(queues));
    put_sums(page, exchange_metrics(), std::move(exchanges));
    std::vector<SessionSnapshot> sessions = co_await list_sessions(api, nullptr);
    for (const ConnectionFigures& connection : connections_of(sessions)) {
        add(connections, connection_metrics(), connection);
    }
    for (const ChannelFigures& channel : channels_of(sessions)) {
        add(channels, channel_metrics(), channel);
    }
    put_sums(page, connection_metrics(), std::move(connections));
    put_sums(page, channel_metrics(), std::move(channels));
}

// What RabbitMQ gives the prefix of its cluster.
boost::asio::awaitable<void> put_cluster(Api& api, MetricsPage& page, std::vector<VirtualHostPtr> virtual_hosts,
                                         const Families& families) {
    if (families.contains("vhost_status")) {
        put_virtual_host_status(api, page);
    }
    if (wants_any(families, exchange_name_metrics())) {
        std::vector<ExchangeFigures> exchanges;
        for (const VirtualHostPtr& virtual_host : virtual_hosts) {
            co_await add_exchange_names(api, virtual_host, exchanges);
        }
        put_objects(page, exchange_name_metrics(), share(std::move(exchanges)), families);
    }
}

using Pages = std::vector<std::shared_ptr<MetricsPage>>; // each with a prefix of its own

HttpResponse response(Pages pages) {
    HttpResponse answer;
    answer.content_type = "text/plain; version=0.0.4";
    answer.parts = [pages = std::move(pages)](std::string& text) {
        return std::ranges::any_of(pages, [&](const auto& page) { return page->next(text); });
    };
    return answer;
}

// The virtual hosts that a scrape asks for; all if it does not say.
std::vector<VirtualHostPtr> virtual_hosts_of(Api& api, const Query& query) {
    std::vector<VirtualHostPtr> virtual_hosts = api.node.virtual_hosts();
    const auto wanted = query.find_all("vhost");
    std::erase_if(virtual_hosts, [&](const VirtualHostPtr& virtual_host) {
        return !wanted.empty() && std::ranges::find(wanted, virtual_host->name()) == wanted.end();
    });
    return virtual_hosts;
}

} // namespace

HttpAnswer get_metrics(Api& api, const HttpRequest&) {
    const auto page = std::make_shared<MetricsPage>("rabbitmq_");
    co_await put_node(api, *page, "aggregated");
    co_await put_all_sums(api, *page);
    co_return response({page});
}

HttpAnswer get_metrics_per_object(Api& api, const HttpRequest&) {
    const auto page = std::make_shared<MetricsPage>("rabbitmq_");
    co_await put_node(api, *page, "per-object");
    co_await put_each_object(api, *page, api.node.virtual_hosts(), {});
    co_return response({page});
}

HttpAnswer get_metrics_detailed(Api& api, const HttpRequest& request) {
    const auto identity = std::make_shared<MetricsPage>("rabbitmq_"); // dashboards join with it
    const auto page = std::make_shared<MetricsPage>("rabbitmq_detailed_");
    const auto cluster = std::make_shared<MetricsPage>("rabbitmq_cluster_");
    const std::vector<std::string_view> wanted = request.query.find_all("family");
    Families families(wanted.begin(), wanted.end());
    put_identity(api, *identity, "detailed");
    if (families.contains("queue_coarse_metrics") || families.contains("queue_consumer_count") ||
        families.contains("queue_metrics")) {
        families.insert("queue_info");
    }
    if (!families.empty()) {
        co_await put_each_object(api, *page, virtual_hosts_of(api, request.query), families);
        put_families(api, *page, families);
        co_await put_cluster(api, *cluster, virtual_hosts_of(api, request.query), families);
    }
    co_return response({identity, page, cluster});
}

// What is counted apart is what queues hold; the rest is the rest.
HttpAnswer get_metrics_memory_breakdown(Api& api, const HttpRequest&) {
    const auto page = std::make_shared<MetricsPage>("rabbitmq_");
    put_identity(api, *page, "memory-breakdown");
    const auto add = [](std::uint64_t& octets, const Queue& queue) {
        octets += sizeof(Queue) + queue.footprint();
        return 1U;
    };
    std::uint64_t queues = 0;
    for (const VirtualHostPtr& virtual_host : api.node.virtual_hosts()) {
        const auto part = co_await walk<std::uint64_t>(api, virtual_host, &VirtualHost::queues, add);
        queues += part;
    }
    const std::uint64_t resident = process_facts().resident_bytes;
    page->put("memory_classic_queue_erlang_process_bytes", MetricType::gauge, "Queues and their messages in memory",
              queues);
    page->put("memory_other_system_bytes", MetricType::gauge, "All other memory",
              resident - std::min(queues, resident));
    co_return response({page});
}

} // namespace broker
