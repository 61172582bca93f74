#include "bench/flags.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <stdexcept>
#include <string_view>

namespace bench {
namespace {

using Text = std::string_view;

[[noreturn]] void fail(const std::string& text) {
    throw std::runtime_error(text);
}

template <class Number>
Number number(Text flag, Text text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < Number{}) {
        fail(fmt::format("{}: '{}' is not a number that fits", flag, text));
    }
    return value;
}

bool boolean(Text flag, Text text) {
    if (text != "true" && text != "false") {
        fail(fmt::format("{}: true or false, not '{}'", flag, text));
    }
    return text == "true";
}

// One flag: brief and full name, what stands for its value in the help (empty: it has none), and what it does.
struct Flag {
    Text brief, full, value, help;
    std::function<void(Options&, Text value)> set;
};

template <class Visit>
void for_each_part(Text text, Visit visit) {
    while (!text.empty()) {
        const Text part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        visit(part);
    }
}

std::pair<Text, Text> key_and_value(Text flag, Text pair) {
    const std::size_t equals = pair.find('=');
    if (equals == Text::npos) {
        fail(fmt::format("{}: key=value, not '{}'", flag, pair));
    }
    return {pair.substr(0, equals), pair.substr(equals + 1)};
}

amqp::FieldValue field_value(Text text) {
    std::int64_t integer = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), integer);
    if (error == std::errc() && end == text.data() + text.size()) {
        return amqp::FieldValue(integer);
    }
    return text == "true" || text == "false" ? amqp::FieldValue(text == "true") : amqp::FieldValue(text);
}

void add_arguments(amqp::FieldTable& table, Text flag, Text text) {
    for_each_part(text, [&](Text pair) {
        const auto [key, value] = key_and_value(flag, pair);
        table.set(key, field_value(value));
    });
}

void set_property(amqp::BasicProperties& properties, Text name, Text value) {
    using P = amqp::BasicProperties;
    static const std::map<Text, std::optional<std::string> P::*> texts{{"contentType", &P::content_type},
                                                                       {"contentEncoding", &P::content_encoding},
                                                                       {"correlationId", &P::correlation_id},
                                                                       {"replyTo", &P::reply_to},
                                                                       {"expiration", &P::expiration},
                                                                       {"messageId", &P::message_id},
                                                                       {"type", &P::type},
                                                                       {"userId", &P::user_id},
                                                                       {"appId", &P::app_id},
                                                                       {"clusterId", &P::cluster_id}};
    if (const auto found = texts.find(name); found != texts.end()) {
        properties.*found->second = std::string(value);
    } else if (name == "priority") {
        properties.priority = number<std::uint8_t>("-mp priority", value);
    } else if (name == "deliveryMode") {
        properties.delivery_mode = number<std::uint8_t>("-mp deliveryMode", value);
    } else if (name == "timestamp") {
        properties.timestamp = number<std::uint64_t>("-mp timestamp", value);
    } else { // as in PerfTest, what is no property is a header
        properties.headers = properties.headers.value_or(amqp::FieldTable{});
        properties.headers->set(name, field_value(value));
    }
}

void add_bodies(Options& options, Text paths) {
    for_each_part(paths, [&](Text path) {
        std::ifstream file{std::string(path), std::ios::binary};
        if (!file) {
            fail(fmt::format("-B: cannot read {}", path));
        }
        options.bodies.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    });
}

void set_flags(Options& options, Text names) {
    for_each_part(names, [&](Text name) {
        if (name == "persistent") {
            options.properties.delivery_mode = 2;
        } else if (name == "mandatory") {
            options.mandatory = true;
        } else {
            fail(fmt::format("-f: persistent or mandatory, not '{}'", name));
        }
    });
}

void set_uris(Options& options, Text uris) {
    options.uris.clear();
    for_each_part(uris, [&](Text uri) { options.uris.push_back(Uri::parse(std::string(uri))); });
    if (options.uris.empty()) {
        fail("-H: no URI");
    }
}

Churn churn(Text name) {
    static const std::map<Text, Churn> all{{"connections", Churn::connections},
                                           {"channels", Churn::channels},
                                           {"queues", Churn::queues},
                                           {"bindings", Churn::bindings}};
    const auto found = all.find(name);
    if (found == all.end()) {
        fail(fmt::format("--churn: connections, channels, queues or bindings, not '{}'", name));
    }
    return found->second;
}

// --- the table ---

template <class Target> // a member, or a function that gives one
Flag numeric(Text brief, Text full, Text value, Text help, Target target) {
    return {brief, full, value, help, [=](Options& options, Text given) {
                auto& member = std::invoke(target, options);
                using Member = std::remove_reference_t<decltype(member)>;
                if constexpr (std::is_arithmetic_v<Member>) {
                    member = number<Member>(full, given);
                } else {
                    member = number<typename Member::value_type>(full, given);
                }
            }};
}

template <class Target>
Flag text(Text brief, Text full, Text value, Text help, Target target) {
    return {brief, full, value, help,
            [=](Options& options, Text given) { std::invoke(target, options) = std::string(given); }};
}

template <class Target>
Flag yes(Text brief, Text full, Text help, Target target) {
    return {brief, full, "", help, [=](Options& options, Text) { std::invoke(target, options) = true; }};
}

Flag truth(Text brief, Text full, Text help, bool Options::*target) {
    return {brief, full, "true|false", help,
            [=](Options& options, Text given) { options.*target = boolean(brief, given); }};
}

Flag rate(Text brief, Text full, Text value, Text help, Schedule Options::*target) {
    return {brief, full, value, help, [=](Options& options, Text given) {
                const auto constant = number<double>(full, given);
                options.*target = constant > 0 ? Schedule::constant(constant) : Schedule{};
            }};
}

Flag steps(Text brief, Text full, Text value, Text help, Schedule Options::*target) {
    return {brief, full, value, help, [=](Options& options, Text given) { (options.*target).add(given); }};
}

// Of the Java client's threads and recovery: there is nothing like it here.
constexpr Text accepted = "accepted";

Flag ignored(Text brief, Text full, Text value) {
    return {brief, full, value, accepted, [](Options&, Text) {}};
}

std::vector<Flag> who_flags() {
    using O = Options;
    return {
        {"-h", "--uri", "URI", "amqp[s]://user:password@host:port/vhost (amqp://localhost)",
         [](O& o, Text value) { o.uris = {Uri::parse(std::string(value))}; }},
        {"-H", "--uris", "URI,...", "connections take them in turn", set_uris},
        numeric("-x", "--producers", "N", "", &O::producers),
        numeric("-y", "--consumers", "N", "", &O::consumers),
        numeric("-X", "--producer-channel-count", "N", "channels of each producer's connection", &O::producer_channels),
        numeric("-Y", "--consumer-channel-count", "N", "", &O::consumer_channels),
        {"", "--churn", "WHAT",
         "connections, channels, queues or bindings made and removed, -x at once, each -c at a time",
         [](O& o, Text value) { o.churn = churn(value); }},
        yes("-po", "--polling", "basic.get instead of basic.consume", &O::polling),
        numeric("-pi", "--polling-interval", "MS", "after an empty answer", &O::polling_interval_ms),
        yes("-udsc", "--use-default-ssl-context", "amqps: check the broker's certificate",
            [](O& o) -> bool& { return o.connection.security.verify; }),
        yes("-se", "--sasl-external", "log in with the certificate",
            [](O& o) -> bool& { return o.connection.security.external; }),
        text("", "--ca", "PEM", "what the certificate is checked against",
             [](O& o) -> std::string& {
                 o.connection.security.verify = true;
                 return o.connection.security.authorities;
             }),
        text("", "--certificate", "PEM", "of this client",
             [](O& o) -> std::string& { return o.connection.security.certificate; }),
        text("", "--key", "PEM", "", [](O& o) -> std::string& { return o.connection.security.key; }),
        numeric("-b", "--heartbeat", "SECONDS", "(none)",
                [](O& o) -> std::uint16_t& { return o.connection.heartbeat; }),
        numeric("-M", "--framemax", "OCTETS", "", [](O& o) -> std::size_t& { return o.connection.frame_max; }),
        numeric("", "--threads", "N", "that carry the load (2)", &O::threads),
        ignored("-hst", "--heartbeat-sender-threads", "N"),
        ignored("-pst", "--producer-scheduler-threads", "N"),
        ignored("-ctp", "--consumers-thread-pools", "N"),
        ignored("-nio", "--nio-threads", "N"),
        ignored("-st", "--shutdown-timeout", "SECONDS"),
        ignored("-dcr", "--disable-connection-recovery", ""),
    };
}

std::vector<Flag> message_flags() {
    using O = Options;
    return {
        numeric("-s", "--size", "OCTETS", "of a message; the first 8 carry its time", &O::size),
        steps("-vs", "--variable-size", "OCTETS:SECONDS", "again and again in turn", &O::sizes),
        {"-B", "--body", "FILE,...", "what is sent, in turn", add_bodies},
        text(
            "-T", "--body-content-type", "TYPE", "", [](O & o) -> auto& { return o.properties.content_type; }),
        {"-mp", "--message-properties", "K=V,...", "priority=5, headers, ...",
         [](O& o, Text value) {
             for_each_part(value, [&](Text pair) {
                 const auto [key, text] = key_and_value("-mp", pair);
                 set_property(o.properties, key, text);
             });
         }},
        {"-f", "--flag", "FLAG", "persistent, mandatory", set_flags},
        yes("-ms", "--use-millis", "times by the wall clock", &O::use_millis),
        rate("-r", "--rate", "N", "messages a second of each producer", &O::rate),
        steps("-vr", "--variable-rate", "N:SECONDS", "again and again in turn", &O::rate),
        {"-P", "--publishing-interval", "SECONDS", "between two messages",
         [](O& o, Text value) { o.rate = Schedule::constant(1 / number<double>("-P", value)); }},
        numeric("-prsd", "--producer-random-start-delay", "SECONDS", "", &O::random_start_delay_s),
        rate("-R", "--consumer-rate", "N", "", &O::consumer_rate),
        rate("-L", "--consumer-latency", "US", "a consumer's work on a message", &O::consumer_latency),
        steps("-vl", "--variable-latency", "US:SECONDS", "again and again in turn", &O::consumer_latency),
        numeric("-c", "--confirm", "N", "at most N messages unconfirmed", &O::confirm),
        numeric("-ct", "--confirm-timeout", "SECONDS", "until a confirm counts as lost (30)", &O::confirm_timeout_s),
        numeric("-m", "--ptxsize", "N", "messages of a transaction", &O::producer_tx),
        numeric("-n", "--ctxsize", "N", "acks of a transaction", &O::consumer_tx),
        numeric("-q", "--qos", "N", "prefetch of a consumer", &O::qos),
        numeric("-Q", "--global-qos", "N", "of a channel", &O::global_qos),
        numeric("-A", "--multi-ack-every", "N", "", &O::multi_ack_every),
        yes("-a", "--autoack", "", &O::autoack),
        yes("-na", "--nack", "nack instead of ack", &O::nack),
        truth("-re", "--requeue", "what is nacked (true)", &O::requeue),
        numeric("-C", "--pmessages", "N", "of each producer", &O::producer_messages),
        numeric("-D", "--cmessages", "N", "of each consumer", &O::consumer_messages),
        numeric("-z", "--time", "SECONDS", "", &O::time_s),
        numeric("", "--warm-up", "SECONDS", "before anything is counted", &O::warm_up_s),
    };
}

std::vector<Flag> place_flags() {
    using O = Options;
    return {
        text("-u", "--queue", "NAME", "", &O::queue),
        text("-qp", "--queue-pattern", "q-%d", "", [](O& o) -> std::string& { return o.queue_pattern.text; }),
        numeric("-qpf", "--queue-pattern-from", "N", "", [](O& o) -> unsigned& { return o.queue_pattern.from; }),
        numeric("-qpt", "--queue-pattern-to", "N", "", [](O& o) -> unsigned& { return o.queue_pattern.to; }),
        {"-qa", "--queue-args", "K=V,...", "",
         [](O& o, Text value) { add_arguments(o.queue_arguments, "-qa", value); }},
        {"-ca", "--consumer-args", "K=V,...", "",
         [](O& o, Text value) { add_arguments(o.consumer_arguments, "-ca", value); }},
        {"-qq", "--quorum-queue", "", "",
         [](O& o, Text) {
             o.queue_arguments.set("x-queue-type", amqp::FieldValue("quorum"));
             o.quorum = true;
             o.auto_delete = false;
         }},
        {"-E", "--exclusive", "", "each consumer has a queue of its own",
         [](O& o, Text) {
             o.queue.clear();
             o.queue_pattern.text.clear();
         }},
        truth("-ad", "--auto-delete", "queues (true)", &O::auto_delete),
        yes("-p", "--predeclared", "declares nothing", &O::predeclared),
        text("-e", "--exchange", "NAME", "\"\" is the default exchange", &O::exchange),
        text("-t", "--type", "TYPE", "of the exchange", &O::exchange_type),
        text("-k", "--routing-key", "KEY", "", &O::routing_key),
        text("-kp", "--routing-key-pattern", "k-%d", "each producer sends with all keys in turn",
             [](O& o) -> std::string& { return o.key_pattern.text; }),
        numeric("-kpf", "--routing-key-pattern-from", "N", "", [](O& o) -> unsigned& { return o.key_pattern.from; }),
        numeric("-kpt", "--routing-key-pattern-to", "N", "", [](O& o) -> unsigned& { return o.key_pattern.to; }),
        {"-K", "--random-routing-key", "", "as many as -rkcs says (1000), made up",
         [](O& o, Text) { o.random_keys = o.random_keys == 0 ? 1000 : o.random_keys; }},
        numeric("-rkcs", "--routing-key-cache-size", "N", "", &O::random_keys),
        text("-d", "--id", "ID", "goes before every line", &O::id),
        numeric("-i", "--interval", "SECONDS", "between two lines", &O::interval_s),
        text("-o", "--output-file", "FILE", "the same as --csv", &O::csv),
        text("", "--json", "FILE", "the summary and every interval", &O::json),
        text("", "--csv", "FILE", "every interval", &O::csv),
        text("", "--html", "FILE", "a report with plots", &O::html),
        numeric("", "--broker-pid", "PID", "CPU time per message and peak memory of it and its children",
                &O::broker_pid),
    };
}

const std::vector<Flag>& flags() {
    static const std::vector<Flag> all = [] {
        std::vector<Flag> flags = who_flags();
        for (const auto& more : {message_flags(), place_flags()}) {
            flags.insert(flags.end(), more.begin(), more.end());
        }
        return flags;
    }();
    return all;
}

} // namespace

std::string usage() {
    std::string text = "leveret-perf: load for an AMQP 0-9-1 broker, with the flags of RabbitMQ's PerfTest\n\n";
    for (const Flag& flag : flags()) {
        if (flag.help == accepted) {
            continue;
        }
        const std::string names =
            fmt::format("{}{}{} {}", flag.brief, flag.brief.empty() ? "    " : ", ", flag.full, flag.value);
        text += fmt::format("  {:<42} {}\n", names, flag.help);
    }
    return text + "\nTaken and ignored: -hst -pst -ctp -nio -st -dcr\n";
}

std::optional<Options> parse_options(int argc, const char* const* argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const Text given = argv[i];
        if (given == "-?" || given == "--help") {
            return std::nullopt;
        }
        const Flag* found = nullptr;
        for (const Flag& flag : flags()) {
            found = !given.empty() && (given == flag.brief || given == flag.full) ? &flag : found;
        }
        if (found == nullptr) {
            fail(fmt::format("unknown flag '{}'; --help lists them", given));
        }
        const bool has_value = !found->value.empty();
        if (has_value && ++i == argc) {
            fail(fmt::format("{} needs a value", given));
        }
        found->set(options, has_value ? argv[i] : "");
    }
    check(options);
    return options;
}

} // namespace bench
