// HTTP requests, definitions, rabbitmq.conf, topic patterns, and text as it comes.
#include "config/setting_table.hpp"
#include "tests/fuzz/seeds.hpp"

#include <string>
#include <vector>

namespace {

void add_http(const Corpus& corpus) {
    const auto add = [&](std::string_view name, std::string_view line, std::string_view body = {}) {
        std::string request(line);
        request.append(" HTTP/1.1\r\nHost: localhost\r\nContent-Length: ").append(std::to_string(body.size()));
        corpus.add("http_request", name, request.append("\r\n\r\n").append(body));
    };
    add("page", "GET /api/queues/%2F?page=1&page_size=2&name=a&use_regex=true&sort=name&sort_reverse=true");
    add("sort-no-utf-8", "GET /api/queues?page=1&sort=n%FF");
    add("columns", "GET /api/queues?columns=name,d.e,d.f&sort=d.f&pagination=true");
    add("samples", "GET /api/overview?lengths_age=600&lengths_incr=5&msg_rates_age=60&msg_rates_incr=5");
    add("binding", "DELETE /api/bindings/%2F/e/amq.topic/q/a+queue/a.%23~hash");
    add("fields", "PUT /api/queues/%2F/queue",
        R"({"name": "queue", "vhost": "/", "count": "12", "priority": 7, "durable": "true",
            "arguments": {"x-max-length": 10, "x-overflow": "reject-publish"}})");
    corpus.add("http_request", "chunked",
               "POST /api/definitions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7;a=b\r\n{\"a\":1}\r\n0\r\n\r\n");
}

void add_definitions(const Corpus& corpus) {
    corpus.add("definitions", "every-section", R"({
"users": [{"name": "u", "password": "p", "tags": "administrator,other", "limits": {"max-connections": 3}},
  {"name": "h", "password_hash": "AAAAAAAA", "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}],
"vhosts": [{"name": "v", "limits": [],
  "metadata": {"description": "d", "tags": ["t"], "default_queue_type": "classic"}}],
"permissions": [{"user": "u", "vhost": "v", "configure": "", "write": ".*", "read": "^r"}],
"topic_permissions": [{"user": "u", "vhost": "v", "exchange": "amq.topic", "write": "w", "read": "r"}],
"global_parameters": [{"name": "cluster_name", "value": "leveret"}],
"policies": [{"vhost": "v", "name": "p", "pattern": "^q", "definition": {"max-length": 3, "dead-letter-exchange": "x"},
  "priority": 2, "apply-to": "queues"}],
"parameters": [{"vhost": "v", "component": "operator_policy", "name": "o",
  "value": {"pattern": "", "definition": {"expires": 9}}},
  {"vhost": "v", "component": "vhost-limits", "name": "limits", "value": {"max-connections": 5}}],
"exchanges": [{"name": "x", "vhost": "v", "type": "topic", "durable": true, "auto_delete": false, "internal": false,
  "arguments": {"alternate-exchange": "a"}}],
"queues": [{"name": "q", "vhost": "v", "durable": true, "auto_delete": false, "arguments": {"x-queue-type": "quorum"}}],
"bindings": [{"source": "x", "vhost": "v", "destination": "q", "destination_type": "queue", "routing_key": "k",
  "arguments": {"z": 1}}, {"source": "x", "vhost": "v", "destination": "amq.fanout", "destination_type": "exchange",
  "routing_key": "", "arguments": {}}]})");
    corpus.add("definitions", "one-virtual-host", R"({"rabbit_version": "3.12.0",
"queues": [{"name": "q", "durable": true, "arguments": {"x-message-ttl": 60000}}],
"exchanges": [{"name": "x", "type": "headers", "durable": true}],
"bindings": [{"source": "x", "destination": "q", "destination_type": "queue", "routing_key": "",
  "arguments": {"x-match": "any"}}],
"policies": [{"name": "p", "pattern": "", "definition": {"message-ttl": 5}}]})");
}

// Some rows of the table each, so that one mistake does not hide the others.
void add_config(const Corpus& corpus) {
    constexpr std::size_t rows_each = 20;
    const auto& table = config::setting_table();
    std::string text;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const std::string value = table[i].default_value.empty() ? "1" : table[i].default_value;
        std::string key = table[i].key;
        if (const std::size_t name = key.find('$'); name != std::string::npos) {
            key.replace(name, std::string::npos, table[i].example_name);
        }
        text.append(key).append(" = ").append(value).append("\n");
        if ((i + 1) % rows_each == 0 || i + 1 == table.size()) {
            corpus.add("config_file", "rows-" + std::to_string(i / rows_each), text);
            text.clear();
        }
    }
    corpus.add("config_file", "syntax",
               "# a comment\n\n  heartbeat=30 # behind\ndefault_pass = 'a#b'\nframe_max\t=\t4096\r\n");
}

} // namespace

void add_text_seeds(const Corpus& corpus) {
    add_http(corpus);
    add_definitions(corpus);
    add_config(corpus);
    corpus.add("field_json", "json",
               "\1{\"s\": \"text\", \"n\": -5, \"d\": 1.5, \"t\": true, \"a\": [1, [2]], \"o\": {\"p\": {}}}");
    corpus.add("field_json", "beyond-doubles", "\1{\"a\":[111111111100000E00000045536,[2]]}");
    corpus.add("field_json", "properties",
               "\1{\"delivery_mode\": 2, \"priority\": 5, \"timestamp\": 7, \"headers\": {\"h\": 1}, \"type\": \"t\"}");
    corpus.add("topic_match", "wildcards", "+a.*.#\n+#\n+#.#.b\n+*.b\n+\n+a..b\na.b\n\na..b\n-#\na.b.c.b\n");
    corpus.add("topic_match", "words",
               "+stock.usd.nyse\n+stock.#\n+*.usd.*\nstock.usd.nyse\nstock\n-stock.#\nstock.eur\n");
    corpus.add("text", "pattern", "^(a|b)*\\.[0-9]{1,3}(?=x)$\nab.12x");
    corpus.add("text", "utf-8", "h\xc3\xa4schen \xe2\x80\xae \x1b[2J\r\n\xff\xfe");
    corpus.add("text", "base64", "Z3Vlc3Q6Z3Vlc3Q=");
}
