#include "broker/admin/session_list.hpp"

#include "broker/admin/field_json.hpp"
#include "broker/admin/sort_key.hpp"
#include "broker/admin/statistics_json.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/views.hpp"
#include "broker/net/connection.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <span>
#include <utility>

namespace broker {
namespace {

namespace json = boost::json;

// Several network threads fill it.
struct Collected {
    std::mutex mutex;
    std::vector<SessionSnapshot> sessions;
};

bool may_see(const UserPtr& user, const SessionSnapshot& session) {
    return user == nullptr || user->is_monitoring() || session.user == user->name;
}

std::int64_t wall_clock_ms(TimePoint time) {
    const auto age = std::chrono::steady_clock::now() - time;
    const auto then = std::chrono::system_clock::now() - std::chrono::duration_cast<std::chrono::milliseconds>(age);
    return std::chrono::duration_cast<std::chrono::milliseconds>(then.time_since_epoch()).count();
}

void put_endpoints(json::object& object, const SessionSnapshot& session) {
    const ConnectionEnds ends = ends_of(session.name);
    object["host"] = ends.host;
    object["port"] = ends.port;
    object["peer_host"] = ends.peer_host;
    object["peer_port"] = ends.peer_port;
}

void put_tls(json::object& object, const std::optional<TlsSnapshot>& tls) {
    const auto put = [&](std::string_view name, const std::string& text) {
        object[name] = text.empty() ? json::value(nullptr) : json::value(json_text(text));
    };
    const TlsSnapshot& agreed = tls ? *tls : TlsSnapshot();
    object["ssl"] = tls.has_value();
    put("ssl_protocol", agreed.protocol);
    put("ssl_cipher", agreed.cipher);
    put("ssl_hash", agreed.hash);
    put("ssl_key_exchange", agreed.key_exchange);
    put("peer_cert_subject", agreed.peer_subject);
    put("peer_cert_issuer", agreed.peer_issuer);
    put("peer_cert_validity", agreed.peer_validity);
}

constexpr std::chrono::seconds idle_after{1};

json::object connection_json(const SessionSnapshot& session, std::string_view node) {
    json::object object{{"name", json_text(session.name)},
                        {"node", node},
                        {"user", json_text(session.user)},
                        {"user_who_performed_action", json_text(session.user)},
                        {"vhost", json_text(session.virtual_host)},
                        {"protocol", session.protocol},
                        {"type", "network"},
                        {"state", session.state},
                        {"channels", session.channels.size()},
                        {"channel_max", session.channel_max},
                        {"frame_max", session.frame_max},
                        {"timeout", session.timeout_s},
                        {"auth_mechanism", session.auth_mechanism},
                        {"connected_at", wall_clock_ms(session.connected_at)},
                        {"client_properties", to_json(session.client_properties)},
                        {"recv_cnt", session.reads},
                        {"send_cnt", session.writes},
                        {"send_pend", session.octets_pending},
                        {"garbage_collection", json::object()}};
    put_endpoints(object, session);
    put_tls(object, session.tls);
    put_rated(object, "recv_oct", session.octets_received);
    put_rated(object, "send_oct", session.octets_sent);
    put_rated(object, "reductions", 0);
    const amqp::FieldValue* own_name = session.client_properties.find("connection_name");
    if (own_name != nullptr && own_name->as_string() != nullptr) {
        object["user_provided_name"] = json_text(*own_name->as_string());
    }
    return object;
}

json::object channel_json(const ChannelSnapshot& channel, const SessionSnapshot& session, std::string_view node) {
    const ConnectionEnds ends = ends_of(session.name);
    json::object object{
        {"name", json_text(channel_name(session, channel))},
        {"number", channel.number},
        {"node", node},
        {"vhost", json_text(session.virtual_host)},
        {"user", json_text(session.user)},
        {"user_who_performed_action", json_text(session.user)},
        {"connection_details",
         json::object{{"name", json_text(session.name)}, {"peer_host", ends.peer_host}, {"peer_port", ends.peer_port}}},
        {"state", channel.state},
        {"consumer_count", channel.consumers.size()},
        {"prefetch_count", channel.prefetch},
        {"global_prefetch_count", channel.global_prefetch},
        {"messages_unacknowledged", channel.messages_unacknowledged},
        {"messages_unconfirmed", channel.messages_unconfirmed},
        {"messages_uncommitted", channel.messages_uncommitted},
        {"acks_uncommitted", channel.acks_uncommitted},
        {"confirm", channel.confirm},
        {"transactional", channel.transactional},
        {"pending_raft_commands", 0},
        {"cached_segments", 0},
        {"garbage_collection", json::object()},
        {"message_stats", message_stats(channel.counters)}};
    put_rated(object, "reductions", 0);
    if (std::chrono::steady_clock::now() - channel.last_active > idle_after) {
        object["idle_since"] = iso_time(wall_clock_ms(channel.last_active));
    }
    return object;
}

// What the lists of connections and of channels have in common: a name, and JSON without and with rates.
struct ListedConnection {
    const SessionSnapshot* session;

    std::string name() const { return session->name; }
    json::object json(const Api& api) const { return connection_json(*session, api.node_name()); }
    json::object describe(Api& api, const SampleRanges& ranges) const {
        return describe_connection(api, *session, ranges);
    }
};

struct ListedChannel {
    const SessionSnapshot* session;
    const ChannelSnapshot* channel;

    std::string name() const { return channel_name(*session, *channel); }
    json::object json(const Api& api) const { return channel_json(*channel, *session, api.node_name()); }
    json::object describe(Api& api, const SampleRanges& ranges) const {
        return describe_channel(api, *session, *channel, ranges);
    }
};

template <class Item>
void put_in_order(Api& api, std::vector<Item>& items, const Listing& listing) {
    if (listing.sort.empty()) {
        return; // in the order in which they came
    }
    const bool by_rate = !listing.rated_path().empty();
    std::vector<std::pair<SortKey, Item>> keyed;
    for (const Item& item : items) {
        if (listing.by_name()) {
            keyed.emplace_back(SortKey::of(std::string_view(item.name())), item);
        } else {
            const json::value object = by_rate ? item.describe(api, {}) : item.json(api);
            keyed.emplace_back(SortKey::of(find_value(object, listing.sort)), item);
        }
    }
    std::ranges::stable_sort(keyed, [&](const auto& a, const auto& b) { return listing.in_order(a.first, b.first); });
    std::ranges::transform(keyed, items.begin(), &std::pair<SortKey, Item>::second);
}

template <class Item>
HttpResponse answer(Api& api, std::vector<Item> items, const Listing& listing) {
    const std::size_t total = items.size();
    if (listing.page) {
        std::erase_if(items, [&](const Item& item) { return !listing.page->accepts(item.name()); });
    }
    const auto slice = listing.page ? slice_of(*listing.page, items.size()) : Slice{0, items.size()};
    if (!slice) {
        return page_out_of_range(*listing.page, items.size());
    }
    put_in_order(api, items, listing);
    ItemsText text(listing);
    for (const Item& item : std::span(items).subspan(slice->first, slice->count)) {
        text.add(item.describe(api, listing.ranges));
    }
    return std::move(text).response(items.size(), total);
}

} // namespace

boost::asio::awaitable<std::vector<SessionSnapshot>> list_sessions(Api& api, UserPtr user, SessionFilter filter) {
    const auto collected = std::make_shared<Collected>();
    const auto seen = [user = std::move(user), collected, filter = std::move(filter)](Connection& connection) {
        SessionSnapshot snapshot = connection.snapshot();
        if (may_see(user, snapshot) && (!filter || filter(snapshot))) {
            const std::lock_guard lock(collected->mutex);
            collected->sessions.push_back(std::move(snapshot));
        }
    };
    co_await wait_for<bool>(api.io, [&](std::function<void(bool)> done) {
        api.node.visit_connections(seen, [done = std::move(done)] { done(true); });
    });
    std::ranges::sort(collected->sessions, {}, &SessionSnapshot::name);
    co_return std::move(collected->sessions);
}

boost::asio::awaitable<std::size_t> close_sessions(Api& api, UserPtr user, SessionFilter filter, std::string reason) {
    const auto closed = std::make_shared<std::atomic<std::size_t>>(0);
    const amqp::Error error = amqp::make_error(amqp::ReplyCode::connection_forced, std::move(reason));
    const auto close = [user = std::move(user), closed, error, filter = std::move(filter)](Connection& connection) {
        const SessionSnapshot snapshot = connection.session().snapshot();
        if (may_see(user, snapshot) && filter(snapshot)) {
            closed->fetch_add(1);
            connection.close(error);
        }
    };
    co_await wait_for<bool>(api.io, [&](std::function<void(bool)> done) {
        api.node.visit_connections(close, [done = std::move(done)] { done(true); });
    });
    co_return closed->load();
}

std::string channel_name(const SessionSnapshot& session, const ChannelSnapshot& channel) {
    return session.name + " (" + std::to_string(channel.number) + ")";
}

json::object describe_connection(Api& api, const SessionSnapshot& session, const SampleRanges& ranges) {
    json::object object = connection_json(session, api.node_name());
    api.rates.put(Rates::Kind::connection, session.name, object, ranges, api.now_ms());
    return object;
}

json::object describe_channel(Api& api, const SessionSnapshot& session, const ChannelSnapshot& channel,
                              const SampleRanges& ranges) {
    json::object object = channel_json(channel, session, api.node_name());
    api.rates.put(Rates::Kind::channel, channel_name(session, channel), object, ranges, api.now_ms());
    return object;
}

HttpResponse answer_connections(Api& api, const std::vector<SessionSnapshot>& sessions, const Listing& listing) {
    std::vector<ListedConnection> connections;
    for (const SessionSnapshot& session : sessions) {
        connections.push_back({&session});
    }
    return answer(api, std::move(connections), listing);
}

HttpResponse answer_channels(Api& api, const std::vector<SessionSnapshot>& sessions, const Listing& listing) {
    std::vector<ListedChannel> channels;
    for (const SessionSnapshot& session : sessions) {
        for (const ChannelSnapshot& channel : session.channels) {
            channels.push_back({&session, &channel});
        }
    }
    return answer(api, std::move(channels), listing);
}

} // namespace broker
