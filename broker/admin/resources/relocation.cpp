// Deleting, moving and copying chosen messages of a queue. They are chosen here, on the HTTP thread, from slices of the
// queue, and carried on the strand in small groups; each slice is durable before the next one is looked at, so that a
// long queue neither holds the strand nor fills the memory.
#include "broker/admin/access.hpp"
#include "broker/admin/browser.hpp"
#include "broker/admin/message_order.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/core/way_back.hpp"

#include <boost/json/object.hpp>

#include <algorithm>

namespace broker {
namespace {

using How = Relocation::How;
using To = MessageOrder::To;

constexpr std::string_view default_exchange = ""; // who puts a message straight into a queue publishes there

amqp::Result<> check_destination(Api& api, const HttpRequest& request, const MessageOrder& order) {
    if (order.to == To::nowhere || order.to == To::back_to_exchange) {
        return {}; // the latter is asked for each message
    }
    const std::string_view exchange = order.to == To::exchange ? std::string_view(order.name) : default_exchange;
    return check_access(api, *request.user, request.parameter("vhost"), Access::write, "exchange", exchange);
}

// Whether there is such a destination; and whether its routing keys need a permission each.
struct Found {
    std::optional<amqp::Error> missing;
    bool topic = false;
};
Found find_destination(VirtualHost& host, const MessageOrder& order) {
    if (order.to == To::queue && host.find_queue(order.name) == nullptr) {
        return {amqp::not_found("no queue '" + order.name + "' in vhost '" + host.name() + "'"), false};
    }
    if (order.to != To::exchange) {
        return {};
    }
    const Exchange* exchange = host.find_exchange(order.name);
    if (exchange == nullptr) {
        return {amqp::not_found("no exchange '" + order.name + "' in vhost '" + host.name() + "'"), false};
    }
    if (exchange->definition().internal) {
        return {amqp::access_refused("cannot publish to internal exchange"), false};
    }
    return {std::nullopt, exchange->definition().type == TopicRouter::type};
}

class Carrier {
 public:
    Carrier(const MessageOrder& order, const User& user, std::string_view virtual_host, PermissionsPtr permissions,
            bool topic)
        : order_(order),
          user_(user),
          virtual_host_(virtual_host),
          permissions_(std::move(permissions)),
          topic_(topic) {}

    std::optional<MessageChoice::Look> next_look() const {
        return over_ ? std::nullopt : order_.choice.next_look(place_, by_priority_);
    }
    void begin(BrowsedSlice slice) {
        slice_ = std::move(slice);
        at_ = 0;
        by_priority_ = slice_.by_priority;
        newest_ = newest_ == 0 ? slice_.newest : newest_; // what comes while this goes on is not meant
    }

    // The next ones of the slice; nothing: it is done with.
    amqp::Result<std::optional<Relocation>> next_group() {
        Relocation group{order_.how, slice_.queue, slice_.revision};
        hopeless_ = 0;
        for (; at_ < slice_.messages.size() && group.items.size() < relocated_per_hold; ++at_) {
            const BrowsedMessage& seen = slice_.messages[at_];
            if (matched_ + group.items.size() + hopeless_ == order_.choice.count) {
                break;
            }
            if (seen.ready.sequence > newest_ || !order_.choice.wants(seen)) {
                continue;
            }
            auto item = item_of(seen);
            if (!item) {
                return item.error();
            }
            if (*item) {
                group.items.push_back(std::move(**item));
            } else {
                ++hopeless_;
            }
        }
        if (group.items.empty() && hopeless_ == 0) {
            end_slice();
            return std::optional<Relocation>();
        }
        return std::optional(std::move(group));
    }

    void note(const Relocation& group, const Relocated& result) {
        if (result.stale) { // seen again from behind the last one that was carried
            slice_.messages.resize(0);
            slice_.next = place_;
            slice_.end = false;
            return;
        }
        matched_ += group.items.size() + hopeless_;
        moved_ += result.done;
        unroutable_ += result.unroutable + hopeless_;
        refused_ += result.refused;
        slice_.revision = result.revision;
        if (at_ > 0) {
            place_ = slice_.messages[at_ - 1].place();
        }
    }

    HttpResponse response() const {
        return HttpResponse::json(boost::json::object{
            {"matched", matched_}, {"moved", moved_}, {"unroutable", unroutable_}, {"refused", refused_}});
    }

 private:
    void end_slice() {
        over_ = slice_.end || matched_ == order_.choice.count ||
                (!by_priority_ && slice_.next.sequence >= newest_ && !slice_.messages.empty());
        place_ = slice_.next;
    }

    // Nothing: it did not come from anywhere.
    amqp::Result<std::optional<Relocation::Item>> item_of(const BrowsedMessage& seen) const {
        Relocation::Item item{seen};
        const amqp::Message& message = *seen.ready.message;
        if (order_.to == To::queue) {
            item.queue = order_.name;
            item.leaving = seen.ready.message;
        } else if (order_.to == To::exchange) {
            const std::string key = order_.routing_key.value_or(std::string(message.routing_key()));
            if (topic_ && !permissions_->allows_topic(Access::write, order_.name, key)) {
                return topic_access_refused_error(Access::write, key, order_.name, virtual_host_, user_.name);
            }
            item.leaving =
                amqp::Message::make(order_.name, key, message.properties(), message.body(), message.deaths());
        } else if (order_.to != To::nowhere) {
            auto way = way_back(message);
            if (!way) {
                return std::optional<Relocation::Item>();
            }
            if (order_.to == To::back_to_queue) {
                item.queue = std::move(way->queue);
            } else if (auto permitted = check_publish(*way->message); !permitted) {
                return permitted.error();
            }
            item.leaving = std::move(way->message);
        }
        return std::optional(std::move(item));
    }

    // To an exchange whose type is not known here: patterns for its topics count in any case.
    amqp::Result<> check_publish(const amqp::Message& message) const {
        const std::string_view exchange = message.exchange(), key = message.routing_key();
        if (!permissions_->allows(Access::write, exchange)) {
            return access_refused_error(Access::write, "exchange", exchange, virtual_host_, user_.name);
        }
        if (!permissions_->allows_topic(Access::write, exchange, key)) {
            return topic_access_refused_error(Access::write, key, exchange, virtual_host_, user_.name);
        }
        return {};
    }

    const MessageOrder& order_;
    const User& user_;
    const std::string virtual_host_;
    const PermissionsPtr permissions_;
    const bool topic_; // it goes to a topic exchange
    BrowsedSlice slice_;
    std::size_t at_ = 0;      // of its messages
    Place place_;             // all up to here have had their turn
    bool by_priority_ = true; // not known yet
    bool over_ = false;
    storage::Sequence newest_ = 0;
    std::uint64_t hopeless_ = 0; // of the group: matched, but do not go anywhere
    std::uint64_t matched_ = 0, moved_ = 0, unroutable_ = 0, refused_ = 0;
};

boost::asio::awaitable<void> wait_until_durable(Api& api, VirtualHostPtr virtual_host) {
    auto wait = [virtual_host](std::function<void(bool)> done) {
        virtual_host->run([virtual_host, done = std::move(done)](VirtualHost& host) {
            host.when_durable([virtual_host, done] { done(true); });
        });
    };
    co_await wait_for<bool>(api.io, std::move(wait));
}

boost::asio::awaitable<amqp::Result<>> carry(Api& api, VirtualHostPtr virtual_host, std::string queue,
                                             Carrier& carrier) {
    while (const auto look = carrier.next_look()) {
        auto slice = co_await browse(api, virtual_host, queue, look->after, look->max);
        if (!slice) {
            co_return slice.error();
        }
        carrier.begin(std::move(*slice));
        auto group = carrier.next_group();
        bool carried = false;
        for (; group && *group; group = carrier.next_group()) {
            carried = true;
            auto relocate = [queue, relocation = **group](VirtualHost& host) {
                return host.relocate(queue, relocation);
            };
            const Relocated result = co_await on_strand(api, virtual_host, std::move(relocate));
            carrier.note(**group, result);
        }
        if (carried) {
            co_await wait_until_durable(api, virtual_host);
        }
        if (!group) {
            co_return group.error();
        }
    }
    co_return amqp::Result<>();
}

HttpAnswer relocate_messages(Api& api, const HttpRequest& request, How how) {
    const std::string& queue = request.parameter("queue");
    auto permitted = check_access(api, *request.user, request.parameter("vhost"), Access::read, "queue", queue);
    if (!permitted) {
        co_return permitted.error();
    }
    const auto order = MessageOrder::of(how, request.body);
    if (!order) {
        co_return order.error();
    }
    permitted = check_destination(api, request, *order);
    if (!permitted) {
        co_return permitted.error();
    }
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    auto find = [&order](VirtualHost& host) { return find_destination(host, *order); };
    const Found found = co_await on_strand(api, virtual_host, std::move(find));
    if (found.missing) {
        co_return *found.missing;
    }
    PermissionsPtr permissions = api.node.authenticator().permissions(request.user->name, virtual_host->name());
    if (permissions == nullptr) {
        co_return access_refused_error(Access::read, "queue", queue, virtual_host->name(), request.user->name);
    }
    Carrier carrier(*order, *request.user, virtual_host->name(), std::move(permissions), found.topic);
    const auto carried = co_await carry(api, virtual_host, queue, carrier);
    if (!carried) {
        co_return carried.error();
    }
    co_return carrier.response();
}

} // namespace

HttpAnswer delete_messages(Api& api, const HttpRequest& request) {
    return relocate_messages(api, request, How::remove);
}

HttpAnswer move_messages(Api& api, const HttpRequest& request) {
    return relocate_messages(api, request, How::move);
}

HttpAnswer copy_messages(Api& api, const HttpRequest& request) {
    return relocate_messages(api, request, How::copy);
}

} // namespace broker
