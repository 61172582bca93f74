// Queues: listing, declaring, deleting, purging.
#include "broker/admin/access.hpp"
#include "broker/admin/admin_client.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/thing_list.hpp"
#include "broker/admin/views.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace broker {
namespace {

namespace json = boost::json;

void copy_queue(VirtualHost& virtual_host, const std::string& name, std::vector<QueueSnapshot>& copies) {
    if (const Queue* queue = virtual_host.find_queue(name)) {
        copies.push_back(snapshot_of(*queue));
    }
}

void copy_consumers(VirtualHost& virtual_host, const std::string& name, std::vector<ConsumerSnapshot>& copies) {
    if (const Queue* queue = virtual_host.find_queue(name)) {
        copies = consumers_of(*queue);
    }
}

constexpr std::int64_t idle_after_ms = 1'000;

// How much of the time consumers could have taken more, since it was last asked for; or as it looks now.
double consumer_capacity(const QueueSnapshot& queue, double waited_ms_per_second) {
    if (queue.consumers == 0) {
        return 0;
    }
    if (waited_ms_per_second == 0) {
        return queue.waiting ? 0 : 1;
    }
    return std::clamp(1 - waited_ms_per_second / 1000, 0.0, 1.0);
}

json::object describe_queue(Api& api, const QueueSnapshot& queue, const std::string& virtual_host,
                            const SampleRanges& ranges) {
    json::object object = queue_json(queue, virtual_host, api.node_name());
    if (const std::int64_t now_ms = api.now_ms(); now_ms - queue.last_active_ms > idle_after_ms) {
        object["idle_since"] = iso_time(queue.last_active_ms);
    }
    object["waited_ms"] = queue.waited_ms; // RabbitMQ shows only what follows from it
    api.rates.put(Rates::Kind::queue, virtual_host + '\0' + queue.name, object, ranges, api.now_ms());
    const json::value* waited = object["waited_ms_details"].as_object().if_contains("rate");
    const double capacity = consumer_capacity(queue, waited->to_number<double>());
    object["consumer_capacity"] = capacity;
    object["consumer_utilisation"] = capacity;
    object.erase("waited_ms");
    object.erase("waited_ms_details");
    return object;
}

struct QueueKind {
    using Thing = Queue;
    using Snapshot = QueueSnapshot;

    static inline const std::string name = "queue ";
    static constexpr auto table = &VirtualHost::queues;
    static constexpr auto copy = copy_queue;
    static constexpr auto json = queue_json;
    static constexpr auto describe = describe_queue;
    static std::span<const SortColumn<Queue>> columns() { return queue_columns(); }
};

// What the user may do with the queue of the path, as over AMQP.
amqp::Result<> check_queue(Api& api, const HttpRequest& request, Access access) {
    return check_access(api, *request.user, request.parameter("vhost"), access, "queue", request.parameter("queue"));
}

boost::asio::awaitable<bool> exists(Api& api, VirtualHostPtr virtual_host, std::string queue) {
    return on_strand(api, std::move(virtual_host),
                     [queue = std::move(queue)](VirtualHost& host) { return host.find_queue(queue) != nullptr; });
}

amqp::Result<DeclareQueue> declaration(Api& api, const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    DeclareQueue declare;
    BodyFields fields(*body);
    declare.name = request.parameter("queue");
    declare.durable = fields.boolean("durable");
    declare.auto_delete = fields.boolean("auto_delete");
    declare.arguments = fields.table("arguments");
    if (const auto node = fields.text("node"); node && *node != api.node_name()) {
        fields.fail("unknown node '" + *node + "'");
    }
    if (declare.name.size() > amqp::ShortString::max_size) {
        fields.fail("the name is longer than 255 octets");
    }
    if (fields.error()) {
        return *fields.error();
    }
    return declare;
}

} // namespace

HttpAnswer list_queues(Api& api, const HttpRequest& request) {
    return answer_list<QueueKind>(api, request);
}

HttpAnswer get_queue(Api& api, const HttpRequest& request) {
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const std::vector<std::string> name{request.parameter("queue")};
    const auto queues = co_await collect<QueueSnapshot>(api, virtual_host, name, copy_queue);
    if (queues.empty()) {
        co_return HttpResponse::not_found();
    }
    const auto consumers = co_await collect<ConsumerSnapshot>(api, virtual_host, name, copy_consumers);
    json::array consumer_details;
    for (const ConsumerSnapshot& consumer : consumers) {
        consumer_details.push_back(consumer_json(consumer, virtual_host->name(), api.node.info()));
    }
    json::object object = describe_queue(api, queues.front(), virtual_host->name(), listing->ranges);
    object["consumer_details"] = std::move(consumer_details);
    object["deliveries"] = json::array();
    object["incoming"] = json::array();
    co_return HttpResponse::json(with_columns(object, *listing));
}

HttpAnswer put_queue(Api& api, const HttpRequest& request) {
    auto declare = declaration(api, request);
    if (!declare) {
        co_return declare.error();
    }
    auto permitted = check_queue(api, request, Access::configure);
    if (permitted) {
        permitted = check_dead_letter_exchange(api, *request.user, request.parameter("vhost"), declare->name,
                                               declare->arguments);
    }
    if (!permitted) {
        co_return permitted.error();
    }
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const bool existed = co_await exists(api, virtual_host, declare->name);
    const auto done = co_await perform(api, virtual_host, *request.user, std::move(*declare));
    if (!done) {
        co_return done.error();
    }
    co_return HttpResponse::put(!existed);
}

HttpAnswer delete_queue(Api& api, const HttpRequest& request) {
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto permitted = check_queue(api, request, Access::configure);
    if (!permitted) {
        co_return permitted.error();
    }
    const bool existed = co_await exists(api, virtual_host, request.parameter("queue"));
    if (!existed) {
        co_return HttpResponse::not_found();
    }
    DeleteQueue command{request.parameter("queue"), request.query.is_true("if-unused"),
                        request.query.is_true("if-empty")};
    const auto done = co_await perform(api, virtual_host, *request.user, std::move(command));
    if (!done) {
        co_return done.error();
    }
    co_return HttpResponse::no_content();
}

HttpAnswer purge_queue(Api& api, const HttpRequest& request) {
    const auto permitted = check_queue(api, request, Access::read);
    if (!permitted) {
        co_return permitted.error();
    }
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    PurgeQueue command{request.parameter("queue")};
    const auto done = co_await perform(api, virtual_host, *request.user, std::move(command));
    if (!done) {
        co_return done.error();
    }
    co_return HttpResponse::no_content();
}

// Mirrors were synchronised so; there are none, and nothing needs to be done.
HttpAnswer run_queue_action(Api& api, const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        co_return body.error();
    }
    const auto action = BodyFields(*body).text("action");
    if (action != "sync" && action != "cancel_sync") {
        co_return amqp::precondition_failed("unknown action");
    }
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const bool existed = co_await exists(api, virtual_host, request.parameter("queue"));
    co_return existed ? HttpResponse::no_content() : HttpResponse::not_found();
}

} // namespace broker
