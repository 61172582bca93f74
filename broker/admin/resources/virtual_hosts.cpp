// Virtual hosts: listing, making, deleting.
#include "broker/admin/access.hpp"
#include "broker/admin/body.hpp"
#include "broker/admin/listing.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/statistics_json.hpp"
#include "broker/admin/tags.hpp"
#include "broker/admin/text.hpp"
#include "broker/admin/totals.hpp"
#include "broker/admin/user_changes.hpp"
#include "broker/admin/virtual_host_fields.hpp"
#include "broker/core/snapshot.hpp"

#include <boost/json/array.hpp>

namespace broker {
namespace {

namespace json = boost::json;

json::object virtual_host_json(const storage::VirtualHostRecord& record, const VirtualHostSnapshot& totals,
                               std::string_view node) {
    const std::string description = json_text(record.description);
    const std::string type = record.default_queue_type.empty() ? "classic" : json_text(record.default_queue_type);
    json::object object{{"name", json_text(record.name)},
                        {"description", description},
                        {"tags", tags_json(record.tags)},
                        {"default_queue_type", type},
                        {"tracing", record.tracing},
                        {"protected_from_deletion", record.protected_from_deletion},
                        {"cluster_state", json::object{{node, "running"}}},
                        {"metadata", json::object{{"description", description},
                                                  {"tags", tags_json(record.tags)},
                                                  {"default_queue_type", type},
                                                  {"protected_from_deletion", record.protected_from_deletion},
                                                  {"tracing", record.tracing}}},
                        {"recv_oct", 0},
                        {"send_oct", 0}};
    put_message_counts(object, totals.ready, totals.unacked);
    json::object stats = message_stats(totals.counts);
    if (!stats.empty()) {
        object["message_stats"] = std::move(stats);
    }
    return object;
}

boost::asio::awaitable<json::object> describe(Api& api, VirtualHostPtr virtual_host, SampleRanges ranges) {
    const VirtualHostSnapshot totals = co_await snapshot_of(api, virtual_host);
    json::object object = virtual_host_json(virtual_host->record(), totals, api.node_name());
    api.rates.put(Rates::Kind::virtual_host, virtual_host->name(), object, ranges, api.now_ms());
    co_return object;
}

boost::asio::awaitable<amqp::Result<Put>> put(Api& api, const User& actor, storage::VirtualHostRecord record) {
    return wait_for<amqp::Result<Put>>(api.io, [&api, &actor, record = std::move(record)](auto done) mutable {
        api.node.put_virtual_host(std::move(record), std::move(done), actor.name);
    });
}

// What is not said stays as it is.
amqp::Result<> apply(const HttpRequest& request, storage::VirtualHostRecord& record) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    BodyFields fields(*body);
    read_virtual_host(fields, record);
    if (record.name.empty() || record.name.size() > amqp::ShortString::max_size) {
        fields.fail("the name of a virtual host has 1 to 255 octets");
    }
    const std::string& type = record.default_queue_type;
    if (!type.empty() && type != "undefined" && type != "classic" && type != "quorum" && type != "stream") {
        fields.fail("unknown queue type '" + type + "'");
    }
    return fields.error() ? amqp::Result<>(*fields.error()) : amqp::Result<>();
}

// Who makes a virtual host may use it.
boost::asio::awaitable<amqp::Result<Put>> grant_all(Api& api, const User& user, std::string virtual_host) {
    return change_users(
        api, user, [user = user.name, virtual_host = std::move(virtual_host)](UserStore& users, storage::Batch& batch) {
            return users.set_permissions(user, virtual_host, {".*", ".*", ".*"}, batch);
        });
}

HttpAnswer set_protection(Api& api, const HttpRequest& request, bool is_protected) {
    storage::VirtualHostRecord record = api.node.find_virtual_host(request.parameter("vhost"))->record();
    record.protected_from_deletion = is_protected;
    const auto done = co_await put(api, *request.user, std::move(record));
    co_return done ? HttpResult(HttpResponse::no_content()) : HttpResult(done.error());
}

} // namespace

HttpAnswer list_virtual_hosts(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    json::array items;
    for (const VirtualHostPtr& virtual_host : visible_virtual_hosts(api, *request.user)) {
        json::object item = co_await describe(api, virtual_host, listing->ranges);
        items.push_back(std::move(item));
    }
    co_return page_response(std::move(items), *listing);
}

HttpAnswer get_virtual_host(Api& api, const HttpRequest& request) {
    const auto listing = Listing::of(request.query);
    if (!listing) {
        co_return listing.error();
    }
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const json::object object = co_await describe(api, virtual_host, listing->ranges);
    co_return HttpResponse::json(with_columns(object, *listing));
}

HttpAnswer put_virtual_host(Api& api, const HttpRequest& request) {
    const std::string& name = request.parameter("vhost");
    storage::VirtualHostRecord record;
    record.name = name;
    if (const VirtualHostPtr existing = api.node.find_virtual_host(name)) {
        record = existing->record();
    }
    const auto valid = apply(request, record);
    if (!valid) {
        co_return valid.error();
    }
    const auto done = co_await put(api, *request.user, std::move(record));
    if (!done) {
        co_return done.error();
    }
    if (*done == Put::created) {
        const auto granted = co_await grant_all(api, *request.user, name);
        if (!granted) {
            co_return granted.error();
        }
    }
    co_return HttpResponse::put(*done == Put::created);
}

HttpAnswer delete_virtual_host(Api& api, const HttpRequest& request) {
    const std::string& name = request.parameter("vhost");
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(name);
    if (virtual_host->record().protected_from_deletion) {
        co_return HttpResponse::failed(412, "precondition_failed",
                                       "Cannot delete virtual host '" + name +
                                           "' because it is protected from deletion");
    }
    const auto done = co_await wait_for<amqp::Result<>>(
        api.io, [&](auto finished) { api.node.delete_virtual_host(name, std::move(finished), request.user->name); });
    co_return done ? HttpResult(HttpResponse::no_content()) : HttpResult(done.error());
}

HttpAnswer get_virtual_host_protection(Api& api, const HttpRequest& request) {
    const bool is_protected = api.node.find_virtual_host(request.parameter("vhost"))->record().protected_from_deletion;
    co_return HttpResponse::json(json::object{{"protected_from_deletion", is_protected}});
}

HttpAnswer protect_virtual_host(Api& api, const HttpRequest& request) {
    return set_protection(api, request, true);
}

HttpAnswer unprotect_virtual_host(Api& api, const HttpRequest& request) {
    return set_protection(api, request, false);
}

} // namespace broker
