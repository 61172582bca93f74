// Health checks: 200 if all is well, 503 if not.
#include "broker/admin/resources/resources.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <fmt/chrono.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
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
    if (protocol == "amqps" || protocol == "amqp/tls") {
        return "amqp/ssl";
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

std::optional<std::uint64_t> days_of(std::string_view unit) {
    constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> units{
        {{"days", 1}, {"weeks", 7}, {"months", 30}, {"years", 365}}};
    const auto* found = std::ranges::find(units, unit, &decltype(units)::value_type::first);
    return found == units.end() ? std::nullopt : std::optional(found->second);
}

json::string text_of(std::chrono::system_clock::time_point time) {
    return json::string(fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(time)));
}

json::object expiring_json(Api& api, const ListenerInfo& listener) {
    const CertificateExpiry& expiry = *listener.certificate;
    json::object object{{"node", api.node_name()},
                        {"protocol", listener.protocol},
                        {"interface", listener.address},
                        {"port", listener.port},
                        {"certfile", expiry.certificate_file},
                        {"certfile_expires_on", json::array{text_of(expiry.certificate)}},
                        {"cacertfile", expiry.ca_file},
                        {"cacertfile_expires_on", json::array()}};
    if (expiry.ca) {
        object["cacertfile_expires_on"] = json::array{text_of(*expiry.ca)};
    }
    return object;
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

// Whether others would suffer without this node.
HttpAnswer check_others_need(Api&, const HttpRequest&) {
    co_return HttpResponse::json(json::object{{"status", "ok"}, {"reason", "single node cluster"}});
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

HttpAnswer check_certificate_expiration(Api& api, const HttpRequest& request) {
    const auto within = number(request.parameter("within"));
    const auto days = days_of(request.parameter("unit"));
    if (!within || !days) {
        co_return amqp::precondition_failed("Invalid expiration unit.");
    }
    constexpr std::uint64_t furthest = 36'500; // what is asked for must fit into a time_point
    const std::chrono::hours ahead(24 * std::min(furthest, std::min(furthest, *within) * *days));
    const auto limit = std::chrono::system_clock::now() + ahead;
    json::array expiring;
    for (const ListenerInfo& listener : api.node.listeners()) {
        const auto& certificate = listener.certificate;
        if (certificate && (certificate->certificate <= limit || (certificate->ca && *certificate->ca <= limit))) {
            expiring.push_back(expiring_json(api, listener));
        }
    }
    if (expiring.empty()) {
        co_return well();
    }
    co_return HttpResponse::json(
        json::object{{"status", "failed"}, {"reason", "Certificates expiring"}, {"expired", std::move(expiring)}}, 503);
}

} // namespace broker
