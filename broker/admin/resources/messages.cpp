// Getting and publishing messages, through a channel of our own, as RabbitMQ does it.
#include "broker/admin/access.hpp"
#include "broker/admin/admin_client.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/exchange_name.hpp"
#include "broker/admin/field_json.hpp"
#include "broker/admin/message_json.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/text.hpp"
#include "broker/session/publish_rules.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <limits>

namespace broker {
namespace {

namespace json = boost::json;

constexpr std::size_t gets_per_batch = 32;
constexpr std::size_t max_payload_bytes = 64 << 20; // in one answer; what is beyond stays in the queue

struct GetOptions {
    std::uint64_t count = 1;
    bool acknowledge = false, requeue = false; // ack_requeue_true gives back, too
    PayloadForm form;
};

amqp::Result<GetOptions> get_options(std::string_view text) {
    const auto body = decode_body(text);
    if (!body) {
        return body.error();
    }
    GetOptions options;
    BodyFields fields(*body);
    fields.require({"count", "ackmode", "encoding"});
    const std::int64_t count = fields.integer("count").value_or(1);
    const std::string ackmode = fields.text("ackmode").value_or("");
    const std::string encoding = fields.text("encoding").value_or("");
    const std::int64_t truncate = fields.integer("truncate").value_or(std::numeric_limits<std::int64_t>::max());
    if (ackmode != "ack_requeue_true" && ackmode != "reject_requeue_true" && ackmode != "ack_requeue_false" &&
        ackmode != "reject_requeue_false") {
        fields.fail("ackmode must be one of: ack_requeue_true, ack_requeue_false, reject_requeue_true, "
                    "reject_requeue_false");
    }
    if (encoding != "auto" && encoding != "base64") {
        fields.fail("encoding must be one of: auto, base64");
    }
    if (count < 0 || truncate < 0) {
        fields.fail("count and truncate must not be negative");
    }
    if (fields.error()) {
        return *fields.error();
    }
    options.count = static_cast<std::uint64_t>(count);
    options.acknowledge = ackmode == "ack_requeue_false";
    options.requeue = ackmode.ends_with("_true");
    options.form.base64 = encoding == "base64";
    options.form.truncate = static_cast<std::size_t>(truncate);
    return options;
}

struct Delivery {
    ConsumerPtr consumer; // each get has its own
    GetOk got;
};

// Gets until there are enough, the queue is empty, or the answer would be too large.
boost::asio::awaitable<std::vector<Delivery>> get_all(AdminClient& client, const std::string& queue,
                                                      std::uint64_t count) {
    std::vector<Delivery> deliveries;
    std::size_t bytes = 0, asked = 0;
    bool empty = false;
    while (!empty && !client.error() && deliveries.size() < count && bytes < max_payload_bytes) {
        const std::size_t batch = std::min<std::size_t>(gets_per_batch, count - deliveries.size());
        std::vector<ConsumerPtr> consumers;
        for (std::size_t i = 0; i < batch; ++i) {
            Consumer::Options options;
            options.channel = 1;
            options.queue = queue;
            consumers.emplace_back(new Consumer(std::move(options)));
            client.add(Get{consumers.back()});
        }
        asked += batch;
        co_await client.run(asked);
        const std::size_t before = deliveries.size();
        for (Event& event : client.events()) {
            if (auto* got = std::get_if<GetOk>(&event)) {
                bytes += got->delivery.message->body_size();
                deliveries.push_back({ConsumerPtr(got->delivery.consumer), std::move(*got)});
            }
        }
        empty = deliveries.size() < before + batch;
        client.events().clear();
    }
    co_return deliveries;
}

void give_back(AdminClient& client, std::vector<Delivery> deliveries, const GetOptions& options) {
    for (Delivery& delivery : deliveries) {
        Deliver& out = delivery.got.delivery;
        if (options.acknowledge) {
            client.add(Settle{delivery.consumer, out.sequence, 1, out.message->body_size()});
            continue;
        }
        Return returned{delivery.consumer, options.requeue ? Return::How::requeue : Return::How::discard, {}};
        returned.deliveries.push_back({out.sequence, std::move(out.message), out.delivery_count, out.expires_at_ms});
        client.add(std::move(returned));
    }
}

struct Publication {
    amqp::MessagePtr message;
    ExtraKeys extra_keys;
};

amqp::Result<Publication> publication(const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    BodyFields fields(*body);
    fields.require({"properties", "routing_key", "payload", "payload_encoding"});
    const std::string routing_key = fields.short_text("routing_key").value_or("");
    std::optional<std::string> payload = fields.text("payload").value_or("");
    const std::string encoding = fields.text("payload_encoding").value_or("");
    if (encoding == "base64") {
        payload = decode_base64(*payload);
    } else if (encoding != "string") {
        fields.fail("payload_encoding must be one of: string, base64");
    }
    if (!payload) {
        fields.fail("the payload is not base64");
    }
    const json::value* properties_field = fields.find("properties");
    const json::object none;
    const json::object& fields_of_properties =
        properties_field != nullptr && properties_field->is_object() ? properties_field->get_object() : none;
    auto properties = basic_properties(fields_of_properties);
    if (fields.error() || !properties) {
        return fields.error() ? *fields.error() : properties.error();
    }
    Publication published{
        amqp::Message::make(exchange_name(request.parameter("exchange")), routing_key, properties->encode(), *payload),
        nullptr};
    auto keys = apply_publish_rules(published.message, *request.user, {});
    if (!keys) {
        return as_channel_error(keys.error());
    }
    published.extra_keys = std::move(*keys);
    return published;
}

} // namespace

HttpAnswer get_messages(Api& api, const HttpRequest& request) {
    const auto options = get_options(request.body);
    if (!options) {
        co_return options.error();
    }
    const std::string& queue = request.parameter("queue");
    const auto permitted = check_access(api, *request.user, request.parameter("vhost"), Access::read, "queue", queue);
    if (!permitted) {
        co_return permitted.error();
    }
    const auto client = AdminClient::open(api, api.node.find_virtual_host(request.parameter("vhost")), *request.user);
    std::vector<Delivery> deliveries = co_await get_all(*client, queue, options->count);
    json::array messages;
    for (const Delivery& delivery : deliveries) {
        const Deliver& out = delivery.got.delivery;
        messages.push_back(message_json(*out.message, out.redelivered, delivery.got.messages_left, options->form));
    }
    give_back(*client, std::move(deliveries), *options);
    co_await client->close();
    if (client->error()) {
        co_return as_channel_error(*client->error());
    }
    co_return HttpResponse::json(messages);
}

HttpAnswer publish_message(Api& api, const HttpRequest& request) {
    auto published = publication(request);
    if (!published) {
        co_return published.error();
    }
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const std::string exchange = exchange_name(request.parameter("exchange"));
    auto permitted = check_access(api, *request.user, virtual_host->name(), Access::write, "exchange", exchange);
    if (permitted) {
        const std::string key(published->message->routing_key());
        auto by_topic = co_await check_topic_access(api, virtual_host, request.user, Access::write, exchange, key);
        permitted = std::move(by_topic);
    }
    if (!permitted) {
        co_return permitted.error();
    }
    const auto client = AdminClient::open(api, virtual_host, *request.user);
    client->add(Publish{std::move(published->message), std::move(published->extra_keys), 1, true});
    co_await client->close();
    if (client->error()) {
        co_return as_channel_error(*client->error());
    }
    bool routed = true;
    for (const Event& event : client->events()) {
        routed = routed && !std::holds_alternative<Returned>(event);
        if (const auto* confirmed = std::get_if<Confirmed>(&event); confirmed != nullptr && !confirmed->accepted) {
            co_return amqp::precondition_failed("rejected Unable to publish message. Check queue limits.");
        }
    }
    co_return HttpResponse::json(json::object{{"routed", routed}});
}

} // namespace broker
