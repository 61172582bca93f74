// Health checks: 200 if all is well, 503 if not.
#include "broker/admin/resources/resources.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace broker {
namespace {

namespace json = boost::json;

HttpResponse well() {
    return HttpResponse::json(json::object{{"status", "ok"}});
}

std::optional<std::uint64_t> number(const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// "amqp091" and the like are names of the same listener.
std::string_view canonical(std::string_view protocol) {
    if (protocol == "amqp091" || protocol == "amqp0.9.1" || protocol == "amqp0-9-1" || protocol == "amqp10" ||
        protocol == "amqp1.0") {
        return "amqp";
    }
    return protocol == "management" ? "http" : protocol;
}

HttpResponse alarms_response(const Api& api, std::string_view reason) {
    const Alarms alarms = api.node.resources().alarms;
    if (!alarms.any()) {
        return well();
    }
    json::array list;
    for (const auto& [set, resource] : {std::pair(alarms.memory, "memory"), std::pair(alarms.disk, "disk")}) {
        if (set) {
            list.push_back({{"node", api.node_name()}, {"resource", resource}});
        }
    }
    return HttpResponse::json(json::object{{"status", "failed"}, {"reason", reason}, {"alarms", std::move(list)}}, 503);
}

} // namespace

HttpAnswer check_alarms(Api& api, const HttpRequest&) {
    co_return alarms_response(api, "There are alarms in effect in the cluster");
}

HttpAnswer check_local_alarms(Api& api, const HttpRequest&) {
    co_return alarms_response(api, "There are alarms in effect on the node");
}

// A node that answers is in service, and there are no others that could depend on it.
HttpAnswer check_healthy(Api&, const HttpRequest&) {
    co_return well();
}

HttpAnswer get_aliveness(Api&, const HttpRequest&) {
    co_return well();
}

HttpAnswer check_port_listener(Api& api, const HttpRequest& request) {
    const auto port = number(request.parameter("port"));
    if (!port || *port > 65'535) {
        co_return amqp::precondition_failed("Invalid port: " + request.parameter("port"));
    }
    json::array ports;
    bool found = false;
    for (const ListenerInfo& listener : api.node.listeners()) {
        ports.push_back(listener.port);
        found = found || listener.port == *port;
    }
    if (found) {
        co_return HttpResponse::json(json::object{{"status", "ok"}, {"port", *port}});
    }
    co_return HttpResponse::json(
        json::object{
            {"status", "failed"}, {"reason", "No active listener"}, {"missing", *port}, {"ports", std::move(ports)}},
        503);
}

// One of those named, separated by commas, will do.
HttpAnswer check_protocol_listener(Api& api, const HttpRequest& request) {
    json::array protocols;
    bool found = false;
    for (const ListenerInfo& listener : api.node.listeners()) {
        protocols.push_back(json::value(listener.protocol));
        std::string_view wanted = request.parameter("protocol");
        while (!wanted.empty()) {
            const std::size_t end = std::min(wanted.find(','), wanted.size());
            found = found || canonical(wanted.substr(0, end)) == listener.protocol;
            wanted.remove_prefix(std::min(end + 1, wanted.size()));
        }
    }
    if (found) {
        co_return HttpResponse::json(json::object{{"status", "ok"}, {"protocols", std::move(protocols)}});
    }
    co_return HttpResponse::json(json::object{{"status", "failed"},
                                              {"reason", "No active listener"},
                                              {"missing", request.parameter("protocol")},
                                              {"protocols", std::move(protocols)}},
                                 503);
}

HttpAnswer check_certificate_expiration(Api&, const HttpRequest& request) {
    constexpr std::array<std::string_view, 4> units{"days", "weeks", "months", "years"};
    if (!number(request.parameter("within")) || std::ranges::find(units, request.parameter("unit")) == units.end()) {
        co_return amqp::precondition_failed("Invalid expiration unit.");
    }
    co_return well(); // no listener has a certificate
}

} // namespace broker
