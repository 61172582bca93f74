// Channels of AMQP connections.
#include "broker/admin/field_json.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/session_list.hpp"
#include "broker/admin/views.hpp"

#include <boost/json/array.hpp>

namespace broker {
namespace {

namespace json = boost::json;

HttpAnswer list(Api& api, const HttpRequest& request, SessionFilter filter) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const auto sessions = co_await list_sessions(api, request.user, std::move(filter));
    co_return answer_channels(api, sessions, *listing);
}

ConsumerSnapshot snapshot_of(const ChannelConsumer& consumer, const ChannelSnapshot& channel,
                             const SessionSnapshot& session) {
    ConsumerSnapshot snapshot;
    snapshot.queue = consumer.queue;
    snapshot.tag = consumer.tag;
    snapshot.connection = session.name;
    snapshot.user = session.user;
    snapshot.channel = channel.number;
    snapshot.no_ack = consumer.no_ack;
    snapshot.exclusive = consumer.exclusive;
    snapshot.prefetch = consumer.prefetch;
    snapshot.arguments = consumer.arguments;
    snapshot.timeout_ms = consumer.timeout_ms;
    return snapshot;
}

json::object details(Api& api, const ChannelSnapshot& channel, const SessionSnapshot& session,
                     const SampleRanges& ranges) {
    json::object object = describe_channel(api, session, channel, ranges);
    json::array consumers;
    for (const ChannelConsumer& consumer : channel.consumers) {
        consumers.push_back(
            consumer_json(snapshot_of(consumer, channel, session), session.virtual_host, api.node.info()));
    }
    object["consumer_details"] = std::move(consumers);
    object["publishes"] = json::array();
    object["deliveries"] = json::array();
    return object;
}

} // namespace

HttpAnswer list_channels(Api& api, const HttpRequest& request) {
    return list(api, request, {});
}

HttpAnswer list_channels_of_virtual_host(Api& api, const HttpRequest& request) {
    return list(api, request, [name = request.parameter("vhost")](const SessionSnapshot& session) {
        return session.virtual_host == name;
    });
}

HttpAnswer list_channels_of_connection(Api& api, const HttpRequest& request) {
    SessionFilter named = [name = request.parameter("connection")](const SessionSnapshot& session) {
        return session.name == name;
    };
    const auto sessions = co_await list_sessions(api, request.user, std::move(named));
    if (sessions.empty()) {
        co_return HttpResponse::not_found();
    }
    auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    listing->page.reset(); // knows no pages, as in RabbitMQ
    co_return answer_channels(api, sessions, *listing);
}

// Those of AMQP 1.0.
HttpAnswer list_sessions_of_connection(Api& api, const HttpRequest& request) {
    SessionFilter named = [name = request.parameter("connection")](const SessionSnapshot& session) {
        return session.name == name;
    };
    const auto sessions = co_await list_sessions(api, request.user, std::move(named));
    co_return sessions.empty() ? HttpResponse::not_found() : HttpResponse::json(json::array());
}

HttpAnswer get_channel(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const std::string& wanted = request.parameter("channel");
    SessionFilter has_it = [wanted](const SessionSnapshot& session) { return wanted.starts_with(session.name); };
    const auto sessions = co_await list_sessions(api, request.user, std::move(has_it));
    for (const SessionSnapshot& session : sessions) {
        for (const ChannelSnapshot& channel : session.channels) {
            if (channel_name(session, channel) == wanted) {
                const json::object object = details(api, channel, session, listing->ranges);
                co_return HttpResponse::json(with_columns(object, *listing));
            }
        }
    }
    co_return HttpResponse::not_found();
}

} // namespace broker
