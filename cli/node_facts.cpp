#include "cli/node_facts.hpp"

#include "cli/call.hpp"
#include "cli/text.hpp"

namespace cli {
namespace {

std::string_view purpose_of(std::string_view protocol) {
    constexpr std::pair<std::string_view, std::string_view> purposes[] = {
        {"amqp", "AMQP 0-9-1"},
        {"amqp/ssl", "AMQP 0-9-1 over TLS"},
        {"http", "HTTP API"},
        {"https", "HTTP API over TLS (HTTPS)"},
        {"http/prometheus", "Prometheus exporter API over HTTP"},
        {"https/prometheus", "Prometheus exporter API over TLS (HTTPS)"}};
    for (const auto& [name, purpose] : purposes) {
        if (name == protocol) {
            return purpose;
        }
    }
    return protocol;
}

} // namespace

boost::json::value node_object(Api& api) {
    return api.get("/nodes/" + percent_encoded(api.node()));
}

boost::json::array listeners_of(Api& api) {
    boost::json::array listeners;
    const boost::json::value overview = api.get("/overview?columns=listeners");
    for (const boost::json::value& each : field_of(overview, "listeners").as_array()) {
        const std::string protocol = cell_text(each, {"protocol"});
        const std::string address = cell_text(each, {"ip_address"});
        const bool is_ipv6 = address.find(':') != std::string::npos;
        listeners.push_back({{"interface", is_ipv6 ? "[" + address + "]" : address},
                             {"node", field_of(each, "node")},
                             {"port", field_of(each, "port")},
                             {"protocol", protocol},
                             {"purpose", purpose_of(protocol)}});
    }
    return listeners;
}

std::string listener_text(const boost::json::value& listener) {
    return "Interface: " + cell_text(listener, {"interface"}) + ", port: " + cell_text(listener, {"port"}) +
           ", protocol: " + cell_text(listener, {"protocol"}) + ", purpose: " + cell_text(listener, {"purpose"});
}

std::vector<std::string> alarms_of(const boost::json::value& node) {
    std::vector<std::string> alarms;
    const std::string name = cell_text(node, {"name"});
    if (cell_text(node, {"mem_alarm"}) == "true") {
        alarms.push_back("Memory alarm on node " + name);
    }
    if (cell_text(node, {"disk_free_alarm"}) == "true") {
        alarms.push_back("Free disk space alarm on node " + name);
    }
    return alarms;
}

} // namespace cli
