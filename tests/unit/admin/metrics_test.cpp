// What Prometheus scrapes: its format, its names, who may read it.
#include "broker/admin/metrics_page.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <set>
#include <sstream>

using namespace broker;

namespace {

HttpOptions for_prometheus() {
    HttpOptions options;
    options.service = HttpService::metrics;
    return options;
}

// The status line's beginning, for somebody whose password is his name.
std::string status_for(ServerWorld& world, std::string_view target, std::string_view user_and_password) {
    const std::string login =
        user_and_password.empty() ? "" : "Authorization: Basic " + std::string(user_and_password) + "\r\n";
    return world.raw("GET " + std::string(target) + " HTTP/1.0\r\n" + login + "\r\n").substr(9, 3);
}

std::string scrape(ServerWorld& world, std::string_view target) {
    const std::string answer = world.raw("GET " + std::string(target) + " HTTP/1.0\r\n\r\n");
    REQUIRE(answer.starts_with("HTTP/1.0 200"));
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

bool has_line(const std::string& text, std::string_view line) {
    return ("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos;
}

std::string all_of(MetricsPage& page) {
    std::string all, part;
    while (page.next(part)) {
        all += part;
    }
    return all;
}

struct Thing {
    std::string labels;
    std::uint64_t number;
};

} // namespace

TEST_CASE("metrics: a label's value is escaped", "[admin][metrics]") {
    CHECK(metric_label("queue", "plain") == R"(queue="plain")");
    CHECK(metric_label("queue", "a\"b\\c\nd") == R"(queue="a\"b\\c\nd")");
    CHECK(metric_label("queue", "\xFF") == "queue=\"\xEF\xBF\xBD\"");
}

TEST_CASE("metrics: a family stands together, however many parts it takes", "[admin][metrics]") {
    const auto things = std::make_shared<std::vector<Thing>>();
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        things->push_back({metric_label("n", std::to_string(i)), i});
    }
    MetricsPage page("x_");
    page.put("first", MetricType::gauge, "Help", 1, R"(a="b")");
    const auto number = [](const Thing& thing) -> std::uint64_t { return thing.number; };
    page.put_each<Thing>({"", "one", "Help one", MetricType::counter, number}, things);
    page.put_each<Thing>({"", "two", "Help two", MetricType::gauge, number}, things);
    std::string all, part;
    std::size_t parts = 0;
    while (page.next(part)) {
        CHECK(part.size() < MetricsPage::part_size + 1'000);
        all += part;
        ++parts;
    }
    CHECK(parts > 3);
    CHECK(all.starts_with("# TYPE x_first gauge\n# HELP x_first Help\nx_first{a=\"b\"} 1\n# TYPE x_one counter\n"));
    std::istringstream lines(all);
    std::vector<std::string> families;
    for (std::string line; std::getline(lines, line);) {
        const std::string name = line.substr(0, line.find_first_of("{ "));
        if (!line.starts_with('#') && (families.empty() || families.back() != name)) {
            families.push_back(name);
        }
    }
    CHECK(families == std::vector<std::string>{"x_first", "x_one", "x_two"});
    CHECK(has_line(all, R"(x_two{n="9999"} 9999)"));
}

TEST_CASE("metrics: a bucket of a histogram holds those before it", "[admin][metrics]") {
    MetricsPage page("x_");
    page.put_histogram("size_bytes", "Sizes", std::array<std::uint64_t, 2>{10, 100},
                       std::array<std::uint64_t, 3>{3, 0, 2}, 777, R"(a="b")");
    CHECK(all_of(page) == "# TYPE x_size_bytes histogram\n# HELP x_size_bytes Sizes\n"
                          "x_size_bytes_bucket{a=\"b\",le=\"10\"} 3\nx_size_bytes_bucket{a=\"b\",le=\"100\"} 3\n"
                          "x_size_bytes_bucket{a=\"b\",le=\"+Inf\"} 5\nx_size_bytes_count{a=\"b\"} 5\n"
                          "x_size_bytes_sum{a=\"b\"} 777\n");
}

TEST_CASE("metrics: an empty page ends at once", "[admin][metrics]") {
    MetricsPage page("x_");
    CHECK(all_of(page).empty());
}

TEST_CASE("metrics: the node in sum, on a port where nobody logs in", "[admin][metrics]") {
    ServerWorld world(for_prometheus());
    const std::string text = scrape(world, "/metrics");
    CHECK(has_line(text, "rabbitmq_connections 0"));
    CHECK(has_line(text, "rabbitmq_queues 0"));
    CHECK(has_line(text, "# TYPE rabbitmq_queues_created_total counter"));
    CHECK(has_line(text, R"(rabbitmq_global_messages_received_total{protocol="amqp091"} 0)"));
    CHECK(has_line(text, "rabbitmq_queue_messages_ready 0"));
    CHECK(has_line(text, R"(rabbitmq_message_size_bytes_bucket{protocol="amqp091",le="+Inf"} 0)"));
    CHECK(has_line(text, "rabbitmq_exchange_messages_unroutable_dropped_total 0"));
    CHECK(has_line(text, "rabbitmq_alarms_memory_used_watermark 0"));
    CHECK(text.find("rabbitmq_identity_info{rabbitmq_node=\"rabbit@test\"") != std::string::npos);
    CHECK(text.find("rabbitmq_build_info{rabbitmq_version=\"4.2.0\"") != std::string::npos);
    std::set<std::string> seen; // no family twice
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# TYPE ")) {
            CHECK(seen.insert(line).second);
        }
    }
    CHECK(seen.size() > 80);
}

TEST_CASE("metrics: each queue, and families of one virtual host", "[admin][metrics]") {
    ServerWorld world;
    world.call("PUT", "/vhosts/other", "{}");
    world.call("PUT", "/permissions/other/guest", R"({"configure":".*","read":".*","write":".*"})");
    world.call("PUT", "/queues/%2F/a", "{}");
    world.call("PUT", "/queues/other/b", "{}");
    world.call("POST", "/exchanges/%2F/amq.default/publish",
               R"({"properties":{},"routing_key":"a","payload":"x","payload_encoding":"string"})");
    const auto page = [&](std::string_view target) {
        return scrape(world, std::string(target) + " HTTP/1.0\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\nX:");
    };
    const std::string each = page("/metrics/per-object");
    CHECK(has_line(each, R"(rabbitmq_queue_messages_ready{vhost="/",queue="a"} 1)"));
    CHECK(has_line(each, R"(rabbitmq_queue_messages_ready{vhost="other",queue="b"} 0)"));
    CHECK(has_line(each, R"(rabbitmq_exchange_messages_published_total{vhost="/",exchange=""} 1)"));
    const std::string coarse = page("/metrics/detailed?family=queue_coarse_metrics&vhost=other");
    CHECK(has_line(coarse, R"(rabbitmq_detailed_queue_messages{vhost="other",queue="b"} 0)"));
    CHECK(coarse.find("queue=\"a\"") == std::string::npos);
    CHECK(coarse.find("queue_consumers") == std::string::npos);
    CHECK(has_line(coarse, R"(rabbitmq_detailed_queue_info{vhost="other",queue="b",)"
                           R"(queue_type="rabbit_classic_queue",membership="leader"} 1)"));
    CHECK(coarse.find("\nrabbitmq_identity_info{") != std::string::npos); // what dashboards join with
    const std::string status = page("/metrics/detailed?family=vhost_status");
    CHECK(has_line(status, R"(rabbitmq_cluster_vhost_status{vhost="other"} 1)"));
    CHECK(page("/metrics/detailed").find("queue") == std::string::npos);
}

TEST_CASE("metrics: published messages by size, and what no queue got by exchange", "[admin][metrics]") {
    ServerWorld world;
    for (const std::size_t size : {0, 100, 101, 20'000}) {
        const std::string body = R"({"properties":{},"routing_key":"none","payload_encoding":"string","payload":")" +
                                 std::string(size, 'x') + "\"}";
        CHECK(world.call("POST", "/exchanges/%2F/amq.direct/publish", body).status == 200);
    }
    const std::string text =
        world.raw("GET /metrics/per-object HTTP/1.0\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n\r\n");
    CHECK(has_line(text, R"(rabbitmq_message_size_bytes_bucket{protocol="amqp091",le="100"} 2)"));
    CHECK(has_line(text, R"(rabbitmq_message_size_bytes_bucket{protocol="amqp091",le="1000"} 3)"));
    CHECK(has_line(text, R"(rabbitmq_message_size_bytes_bucket{protocol="amqp091",le="100000000"} 4)"));
    CHECK(has_line(text, R"(rabbitmq_message_size_bytes_sum{protocol="amqp091"} 20201)"));
    CHECK(has_line(text, R"(rabbitmq_exchange_messages_unroutable_returned_total{vhost="/",exchange="amq.direct"} 4)"));
}

TEST_CASE("metrics: memory is what queues hold and the rest", "[admin][metrics]") {
    ServerWorld world(for_prometheus());
    const std::string text = scrape(world, "/metrics/memory-breakdown");
    CHECK(has_line(text, "rabbitmq_memory_classic_queue_erlang_process_bytes 0"));
    CHECK(text.find("\nrabbitmq_memory_other_system_bytes ") != std::string::npos);
}

TEST_CASE("metrics: exchanges with their types and bindings", "[admin][metrics]") {
    ServerWorld world;
    world.call("PUT", "/exchanges/%2F/x", R"({"type":"topic"})");
    world.call("PUT", "/queues/%2F/q", "{}");
    world.call("POST", "/bindings/%2F/e/x/q/q", R"({"routing_key":"a"})");
    const std::string body =
        world.raw("GET /metrics/detailed?family=exchange_names&family=exchange_bindings HTTP/1.0\r\n"
                  "Authorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n\r\n");
    CHECK(has_line(body, R"(rabbitmq_cluster_exchange_name{vhost="/",exchange="x",type="topic"} 1)"));
    CHECK(has_line(body, R"(rabbitmq_cluster_exchange_bindings{vhost="/",exchange="x",type="topic"} 1)"));
    CHECK(has_line(body, R"(rabbitmq_cluster_exchange_bindings{vhost="/",exchange="amq.direct",type="direct"} 0)"));
}

TEST_CASE("metrics: logins are counted, and whether they succeed", "[admin][metrics]") {
    ServerWorld world;
    world.call("GET", "/whoami");
    world.raw("GET /api/whoami HTTP/1.0\r\nAuthorization: Basic Z3Vlc3Q6d3Jvbmc=\r\n\r\n");
    const auto page = [&](std::string_view path) { // which asks for a login, too
        return world.raw("GET " + std::string(path) + " HTTP/1.0\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n\r\n");
    };
    CHECK(has_line(page("/metrics"), "rabbitmq_auth_attempts_total 3"));
    const std::string apart = page("/metrics/detailed?family=auth_attempt_metrics");
    CHECK(has_line(apart, R"(rabbitmq_detailed_auth_attempts_succeeded_total{protocol="http"} 3)"));
    CHECK(has_line(apart, R"(rabbitmq_detailed_auth_attempts_failed_total{protocol="http"} 1)"));
    CHECK(has_line(apart, R"(rabbitmq_detailed_auth_attempts_total{protocol="amqp091"} 0)"));
    const Answer answer = world.call("GET", "/auth/attempts/" + world.node.info().node_name);
    CHECK(answer.json().as_array().at(0).at("auth_attempts_failed") == 1);
    CHECK(world.call("GET", "/auth/attempts/rabbit@nowhere").status == 404);
    CHECK(world.call("DELETE", "/auth/attempts/" + world.node.info().node_name).status == 204);
    CHECK(has_line(page("/metrics"), "rabbitmq_auth_attempts_failed_total 0"));
}

TEST_CASE("metrics: the port for Prometheus has nothing else, the API's asks for a login", "[admin][metrics]") {
    ServerWorld prometheus(for_prometheus());
    CHECK(prometheus.raw("GET /api/overview HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 404"));
    CHECK(prometheus.raw("GET / HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 404"));
    CHECK(prometheus.raw("POST /api/login HTTP/1.0\r\nContent-Length: 29\r\n\r\nusername=guest&password=guest")
              .starts_with("HTTP/1.0 404"));
    CHECK(prometheus.raw("POST /metrics HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 405"));
    CHECK(prometheus.raw("GET /metrics/%zz HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 400"));
    CHECK(prometheus.raw("HEAD /metrics HTTP/1.0\r\n\r\n").find("rabbitmq_queues") == std::string::npos);
    ServerWorld management;
    CHECK(management.raw("GET /metrics HTTP/1.0\r\n\r\n").starts_with("HTTP/1.0 401"));
    const std::string chunked = management.raw(
        "GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic Z3Vlc3Q6Z3Vlc3Q=\r\n\r\n");
    CHECK(chunked.find("Transfer-Encoding: chunked") != std::string::npos);
    CHECK(chunked.ends_with("\r\n0\r\n\r\n"));
}

TEST_CASE("metrics: where the port for Prometheus asks for a login, who monitors may read them", "[admin][metrics]") {
    HttpOptions options = for_prometheus();
    options.login = true;
    ServerWorld world(options);
    world.node.add_user("watcher", {"monitoring"});
    world.node.add_user("keeper", {"management"});
    constexpr std::string_view nobody, watcher = "d2F0Y2hlcjp3YXRjaGVy",
                                       keeper = "a2VlcGVyOmtlZXBlcg==", wrong = "d2F0Y2hlcjp3cm9uZw==";
    CHECK(status_for(world, "/metrics", nobody) == "401");
    CHECK(status_for(world, "/metrics", wrong) == "401");
    CHECK(status_for(world, "/metrics", keeper) == "401");
    CHECK(status_for(world, "/metrics", watcher) == "200");
    CHECK(status_for(world, "/metrics/per-object", watcher) == "200");
    for (const std::string_view elsewhere : {"/", "/api/overview", "/api/login", "/ws"}) { // still nothing else
        CAPTURE(elsewhere);
        CHECK(status_for(world, elsewhere, nobody) == "401");
        CHECK(status_for(world, elsewhere, watcher) == "404");
    }
}
