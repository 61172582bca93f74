#include "broker/admin/definitions.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace broker;

namespace {

amqp::Result<Definitions> read(std::string_view text, std::optional<std::string> virtual_host = {}) {
    return read_definitions(boost::json::parse(text).get_object(), std::move(virtual_host));
}

std::string refusal(std::string_view text) {
    const auto definitions = read(text);
    return definitions ? std::string() : definitions.error().text;
}

} // namespace

TEST_CASE("definitions: every section arrives", "[admin][definitions]") {
    const auto read_file = read(R"({
        "users": [{"name": "u", "password": "p", "tags": "administrator,other"}],
        "vhosts": [{"name": "v", "limits": {"max-queues": 7}, "metadata": {"description": "d"}}],
        "permissions": [{"user": "u", "vhost": "v", "configure": "", "write": ".*", "read": "^r"}],
        "topic_permissions": [{"user": "u", "vhost": "v", "exchange": "amq.topic", "write": "w", "read": "r"}],
        "global_parameters": [{"name": "g", "value": {"a": [1, 2]}}],
        "policies": [{"vhost": "v", "name": "p", "pattern": "^q", "definition": {"max-length": 3}, "priority": 2,
                      "apply-to": "queues"}],
        "parameters": [
            {"vhost": "v", "component": "operator_policy", "name": "o",
             "value": {"pattern": "", "definition": {"expires": 9}}},
            {"vhost": "v", "component": "vhost-limits", "name": "limits", "value": {"max-connections": 5}},
            {"vhost": "v", "component": "shovel", "name": "s", "value": {"src-uri": "amqp://"}}],
        "exchanges": [{"name": "x", "vhost": "v", "type": "topic", "durable": true,
                       "arguments": {"alternate-exchange": "a"}}],
        "queues": [{"name": "q", "vhost": "v", "durable": true, "arguments": {"x-max-length": 3}}],
        "bindings": [{"source": "x", "vhost": "v", "destination": "q", "destination_type": "queue", "routing_key": "k",
                      "arguments": {"z": 1}}]
    })");
    REQUIRE(read_file.has_value());
    const Definitions& file = *read_file;
    CHECK(file.users.at(0).tags == std::vector<std::string>{"administrator", "other"});
    CHECK(file.virtual_hosts.at(0).description == "d");
    CHECK(file.permissions.at(0).patterns.read == "^r");
    CHECK(file.topic_permissions.at(0).exchange == "amq.topic");
    CHECK(file.global_parameters.at("g") == R"({"a":[1,2]})");
    const HostDefinitions& host = file.hosts.at("v");
    REQUIRE(host.policies.size() == 2);
    CHECK((host.policies[0].first == PolicyKind::user && host.policies[0].second.priority == 2));
    CHECK((host.policies[1].first == PolicyKind::operators && host.policies[1].second.name == "o"));
    CHECK(host.limits == VirtualHostSettings::Limits{{"max-connections", 5}, {"max-queues", 7}});
    CHECK(host.parameters.at({"shovel", "s"}) == R"({"src-uri":"amqp://"})");
    CHECK(host.exchanges.at(0).type == "topic");
    CHECK(host.queues.at(0).arguments.contains("x-max-length"));
    CHECK(host.queue_bindings.at(0).exchange == "x");
}

TEST_CASE("definitions: a file of one virtual host does not name it", "[admin][definitions]") {
    const auto file = read(R"({"queues": [{"name": "q"}], "users": [{"name": "ignored"}]})", "v");
    REQUIRE(file.has_value());
    CHECK(file->hosts.at("v").queues.size() == 1);
    CHECK(file->users.empty());
}

TEST_CASE("definitions: a queue's type is not the default of its virtual host", "[admin][definitions][C7]") {
    const auto file = read(R"({"queues": [{"name": "c", "type": "classic"}, {"name": "q", "type": "quorum"},
                                          {"name": "d"}]})",
                           "v");
    REQUIRE(file.has_value());
    const auto& queues = file->hosts.at("v").queues;
    CHECK((queues.at(0).arguments.empty() && !queues.at(0).of_default_type));
    CHECK(queues.at(1).arguments == amqp::FieldTable{{"x-queue-type", "quorum"}});
    CHECK((queues.at(2).arguments.empty() && queues.at(2).of_default_type));
}

TEST_CASE("definitions: a mistake anywhere refuses the whole file", "[admin][definitions]") {
    struct Row {
        const char* file;
        const char* reason;
    };
    const Row rows[] = {
        {R"({"queues": {}})", "queues: not a list"},
        {R"({"queues": [1]})", "queues: an entry is not an object"},
        {R"({"queues": [{"name": "q"}]})", "queues: [{key_missing,vhost}]"},
        {R"({"queues": [{"vhost": "/"}]})", "queues: [{key_missing,name}]"},
        {R"({"queues": [{"name": "q", "vhost": "/", "durable": 7}]})",
         "queues: the value of 'durable' is not a boolean"},
        {R"({"queues": [{"name": "q", "vhost": "/", "arguments": {"x-max-length": -1}}]})", "{value_negative,-1}"},
        {R"({"queues": [{"name": "q", "vhost": "/", "arguments": {"x": null}}]})", "null"},
        {R"({"queues": [{"name": "q", "vhost": "/", "durable": false, "arguments": {"x-queue-type": "quorum"}}]})",
         "invalid property 'non-durable'"},
        {R"({"exchanges": [{"name": "x", "vhost": "/", "type": "nope"}]})", "unknown exchange type 'nope'"},
        {R"({"bindings": [{"source": "x", "destination": "q", "destination_type": "moon", "vhost": "/"}]})",
         "unknown destination_type 'moon'"},
        {R"({"users": [{"name": "u"}]})", "tags_not_present"},
        {R"({"permissions": [{"user": "u", "vhost": "/", "configure": "(", "write": "", "read": ""}]})",
         "invalid_regexp"},
        {R"({"policies": [{"name": "p", "vhost": "/", "pattern": "(", "definition": {"expires": 1}}]})",
         "pattern should be regular expression"},
        {R"({"policies": [{"name": "p", "vhost": "/", "pattern": "", "definition": {"expires": 0}}]})",
         "0 is not a valid queue expiry"},
        {R"({"policies": [{"name": "p", "vhost": "/", "pattern": "", "definition": {"expires": 1}, "priority": "x"}]})",
         "the value of 'priority' is not an integer"},
        {R"({"parameters": [{"vhost": "/", "component": "vhost-limits", "name": "limits", "value": {"max-x": 1}}]})",
         "Unrecognised terms"},
        {R"({"parameters": [{"vhost": "/", "component": "policy", "name": "p", "value": 1}]})",
         "policies may not be set using this method"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.file);
        CHECK_THAT(refusal(row.file), Catch::Contains(row.reason));
    }
}
