// Where a message would go that is published to an exchange, without publishing it.
#include "broker/admin/body.hpp"
#include "broker/admin/exchange_name.hpp"
#include "broker/admin/field_json.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/text.hpp"
#include "broker/core/route_explanation.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <set>

namespace broker {
namespace {

namespace json = boost::json;

struct Question {
    amqp::MessagePtr message;
    std::vector<std::string> extra_keys; // CC and BCC
};

void add_keys(const amqp::FieldTable& headers, std::string_view name, std::vector<std::string>& keys) {
    const amqp::FieldValue* value = headers.find(name);
    const auto* array = value == nullptr ? nullptr : value->get_if<amqp::Array>();
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        if (const std::string* key = (*array)[i].as_string()) {
            keys.push_back(*key);
        }
    }
}

amqp::Result<Question> question(const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        return body.error();
    }
    BodyFields fields(*body);
    const std::string key = fields.short_text("routing_key").value_or("");
    const json::value* given = fields.find("properties");
    if (given != nullptr && !given->is_object()) {
        fields.fail("the value of 'properties' is not an object");
    }
    const json::object none;
    auto properties = basic_properties(given != nullptr && given->is_object() ? given->get_object() : none);
    if (!properties) {
        return properties.error();
    }
    amqp::FieldTable headers = fields.table("headers");
    if (fields.error()) {
        return *fields.error();
    }
    Question asked;
    add_keys(headers, "CC", asked.extra_keys);
    add_keys(headers, "BCC", asked.extra_keys);
    if (!headers.empty()) {
        properties->headers = std::move(headers);
    }
    const std::string encoded = properties->encode();
    if (!amqp::PropertiesView::decode({encoded})) {
        return amqp::precondition_failed("the headers are too many, too large or too deep");
    }
    asked.message = amqp::Message::make(exchange_name(request.parameter("exchange")), key, {encoded}, {});
    return asked;
}

std::string_view name(RouteStep::Via via) {
    switch (via) {
    case RouteStep::Via::binding:
        return "binding";
    case RouteStep::Via::default_exchange:
        return "default exchange";
    case RouteStep::Via::alternate:
        break;
    }
    return "alternate exchange";
}

std::string_view name(Destination::Kind kind) {
    switch (kind) {
    case Destination::Kind::queue:
        return "queue";
    case Destination::Kind::exchange:
        return "exchange";
    case Destination::Kind::reply_consumer:
        break;
    }
    return "direct reply-to";
}

json::object step_json(const RouteExplanation& explanation, const RouteStep& step) {
    return {{"source", json_text(explanation.exchanges[step.exchange].name)},
            {"via", name(step.via)},
            {"destination", json_text(step.destination)},
            {"destination_type", name(step.kind)},
            {"routing_key", json_text(step.routing_key)},
            {"arguments", to_json(step.arguments)},
            {"by_chance", explanation.exchanges[step.exchange].by_chance}};
}

// From the exchange asked for to the step, the way on which each exchange was reached first.
json::array path_json(const RouteExplanation& explanation, const RouteStep& last, bool& by_chance) {
    std::vector<const RouteStep*> path{&last};
    by_chance = explanation.exchanges[last.exchange].by_chance;
    while (path.back()->exchange != 0) {
        const std::string& exchange = explanation.exchanges[path.back()->exchange].name;
        const auto before = std::ranges::find_if(explanation.steps, [&](const RouteStep& step) {
            return step.kind == Destination::Kind::exchange && step.destination == exchange;
        });
        if (before == explanation.steps.end()) {
            break; // not among those that are listed
        }
        by_chance = by_chance || explanation.exchanges[before->exchange].by_chance;
        path.push_back(&*before);
    }
    json::array steps;
    for (auto step = path.rbegin(); step != path.rend(); ++step) {
        steps.push_back(step_json(explanation, **step));
    }
    return steps;
}

json::array queues_json(const RouteExplanation& explanation) {
    json::array queues;
    std::set<std::string_view> known;
    for (const RouteStep& step : explanation.steps) {
        if (step.kind == Destination::Kind::exchange || !known.insert(step.destination).second) {
            continue;
        }
        bool by_chance = false;
        json::array path = path_json(explanation, step, by_chance);
        queues.push_back(json::object{{"name", json_text(step.destination)},
                                      {"type", name(step.kind)},
                                      {"by_chance", by_chance},
                                      {"path", std::move(path)}});
    }
    return queues;
}

json::object explanation_json(const RouteExplanation& explanation) {
    json::array exchanges, steps;
    for (const ExplainedExchange& exchange : explanation.exchanges) {
        json::array notes;
        for (const std::string& note : exchange.notes) {
            notes.push_back(json::value(json_text(note)));
        }
        exchanges.push_back(json::object{{"name", json_text(exchange.name)},
                                         {"type", exchange.type},
                                         {"by_chance", exchange.by_chance},
                                         {"notes", std::move(notes)}});
    }
    for (const RouteStep& step : explanation.steps) {
        steps.push_back(step_json(explanation, step));
    }
    json::array queues = queues_json(explanation);
    return {{"routed", !queues.empty()},
            {"queues", std::move(queues)},
            {"exchanges", std::move(exchanges)},
            {"steps", std::move(steps)},
            {"complete", explanation.complete}};
}

} // namespace

HttpAnswer explain_route(Api& api, const HttpRequest& request) {
    const auto asked = question(request);
    if (!asked) {
        co_return asked.error();
    }
    auto explain = [&asked](VirtualHost& host) {
        return host.explain(asked->message->exchange(), *asked->message,
                            asked->extra_keys.empty() ? nullptr : &asked->extra_keys);
    };
    VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    const auto explanation = co_await on_strand(api, std::move(virtual_host), std::move(explain));
    if (!explanation) {
        co_return HttpResponse::not_found();
    }
    co_return HttpResponse::json(explanation_json(*explanation));
}

} // namespace broker
