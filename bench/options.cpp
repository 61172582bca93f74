#include "bench/options.hpp"

#include <boost/url/parse.hpp>

#include <charconv>
#include <cstdio>
#include <functional>
#include <limits>
#include <stdexcept>
#include <string_view>

namespace bench {

const char* const usage = R"(leveret-perf: load for an AMQP 0-9-1 broker, with the flags of RabbitMQ's PerfTest

  -h, --uri URI                  amqp://user:password@host:port/vhost (amqp://localhost)
  -x, --producers N              -y, --consumers N
  -s, --size OCTETS              of a message; the first 8 carry its time
  -c, --confirm N                at most N messages unconfirmed
  -q, --qos N                    prefetch of a consumer
  -A, --multi-ack-every N        -a, --autoack
  -z, --time SECONDS             -r, --rate N          messages a second of each producer
  -C, --pmessages N              -D, --cmessages N     of each producer, of each consumer
  -u, --queue NAME               -e, --exchange NAME   ("" is the default exchange)
  -t, --type TYPE                -k, --routing-key KEY
  -qp, --queue-pattern q-%d      -qpf, --queue-pattern-from N    -qpt, --queue-pattern-to N
  -qa, --queue-args K=V,...      -ad, --auto-delete true|false   -p, --predeclared
  -f, --flag persistent|mandatory
  -ms, --use-millis              times by the wall clock
  -i, --interval SECONDS         between two lines
      --threads N                that carry the load (2)
      --json FILE                the summary
      --broker-pid PID           broker's CPU time per message and peak memory
)";

namespace {

[[noreturn]] void fail(const std::string& text) {
    throw std::runtime_error(text);
}

template <class Number>
Number number(std::string_view flag, std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < Number{}) {
        fail(std::string(flag) + ": '" + std::string(text) + "' is not a number that fits");
    }
    return value;
}

bool boolean(std::string_view flag, std::string_view text) {
    if (text != "true" && text != "false") {
        fail(std::string(flag) + ": true or false, not '" + std::string(text) + "'");
    }
    return text == "true";
}

void set_flag(Options& options, std::string_view name) {
    if (name == "persistent") {
        options.persistent = true;
    } else if (name == "mandatory") {
        options.mandatory = true;
    } else {
        fail("-f: persistent or mandatory, not '" + std::string(name) + "'");
    }
}

void add_queue_arguments(amqp::FieldTable& table, std::string_view text) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) {
            fail("-qa: key=value, not '" + std::string(pair) + "'");
        }
        const std::string_view value = pair.substr(equals + 1);
        std::int64_t integer = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), integer);
        const bool is_integer = error == std::errc() && end == value.data() + value.size();
        table.set(pair.substr(0, equals), is_integer ? amqp::FieldValue(integer) : amqp::FieldValue(value));
    }
}

struct Flag {
    std::string_view brief, full;
    bool has_value;
    std::function<void(Options&, std::string_view value)> set;
};

template <class Target>
Flag numeric(std::string_view brief, std::string_view full, Target target) {
    return {brief, full, true, [=](Options& options, std::string_view value) {
                using Member = std::remove_reference_t<decltype(options.*target)>;
                if constexpr (std::is_arithmetic_v<Member>) {
                    options.*target = number<Member>(full, value);
                } else {
                    options.*target = number<typename Member::value_type>(full, value);
                }
            }};
}

Flag text(std::string_view brief, std::string_view full, std::string Options::*target) {
    return {brief, full, true, [=](Options& options, std::string_view value) { options.*target = value; }};
}

Flag yes(std::string_view brief, std::string_view full, bool Options::*target) {
    return {brief, full, false, [=](Options& options, std::string_view) { options.*target = true; }};
}

const std::vector<Flag>& flags() {
    using O = Options;
    static const std::vector<Flag> all{
        {"-h", "--uri", true, [](O& options, std::string_view value) { options.uri = Uri::parse(std::string(value)); }},
        numeric("-x", "--producers", &O::producers),
        numeric("-y", "--consumers", &O::consumers),
        numeric("", "--threads", &O::threads),
        numeric("-s", "--size", &O::size),
        numeric("-c", "--confirm", &O::confirm),
        numeric("-q", "--qos", &O::qos),
        numeric("-A", "--multi-ack-every", &O::multi_ack_every),
        yes("-a", "--autoack", &O::autoack),
        numeric("-z", "--time", &O::time_s),
        numeric("-r", "--rate", &O::rate),
        numeric("-C", "--pmessages", &O::producer_messages),
        numeric("-D", "--cmessages", &O::consumer_messages),
        text("-u", "--queue", &O::queue),
        text("-qp", "--queue-pattern", &O::queue_pattern),
        numeric("-qpf", "--queue-pattern-from", &O::pattern_from),
        numeric("-qpt", "--queue-pattern-to", &O::pattern_to),
        {"-qa", "--queue-args", true,
         [](O& options, std::string_view value) { add_queue_arguments(options.queue_arguments, value); }},
        text("-e", "--exchange", &O::exchange),
        text("-t", "--type", &O::exchange_type),
        text("-k", "--routing-key", &O::routing_key),
        {"-f", "--flag", true, set_flag},
        {"-ad", "--auto-delete", true,
         [](O& options, std::string_view value) { options.auto_delete = boolean("-ad", value); }},
        yes("-p", "--predeclared", &O::predeclared),
        yes("-ms", "--use-millis", &O::use_millis),
        numeric("-i", "--interval", &O::interval_s),
        text("", "--json", &O::json),
        numeric("", "--broker-pid", &O::broker_pid),
    };
    return all;
}

void check(const Options& options) {
    if (options.producers + options.consumers == 0) {
        fail("nothing to do: no producers and no consumers");
    }
    if (options.threads == 0 || options.threads > 64) {
        fail("--threads: from 1 to 64");
    }
    if (options.confirm && (*options.confirm == 0 || *options.confirm > 1'000'000)) {
        fail("-c: from 1 to 1000000");
    }
    if (options.size > (512u << 20)) {
        fail("-s: at most 512 MiB");
    }
    if (!options.queue_pattern.empty() && options.pattern_to < options.pattern_from) {
        fail("-qpt must not be less than -qpf");
    }
    if (options.interval_s <= 0) {
        fail("-i: more than 0 seconds");
    }
    if (options.exchange.empty() && options.queues().empty() && options.routing_key.empty()) {
        fail("the default exchange needs a queue: -u or -qp");
    }
}

} // namespace

Uri Uri::parse(const std::string& text) {
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed || parsed->scheme() != "amqp" || parsed->host().empty()) {
        fail("'" + text + "' is not a URI like amqp://user:password@host:port/vhost");
    }
    Uri uri;
    uri.host = parsed->host_address();
    if (parsed->has_port()) {
        uri.port = parsed->port();
    }
    if (parsed->has_userinfo()) {
        uri.user = parsed->user();
        uri.password = parsed->password();
    }
    if (parsed->path().size() > 1) {
        uri.virtual_host = parsed->path().substr(1);
    }
    return uri;
}

std::vector<std::string> Options::queues() const {
    if (queue_pattern.empty()) {
        return queue.empty() ? std::vector<std::string>{} : std::vector{queue};
    }
    std::vector<std::string> names;
    const std::size_t place = queue_pattern.find("%d");
    for (unsigned i = pattern_from; i <= pattern_to; ++i) {
        std::string name = queue_pattern;
        names.push_back(place == std::string::npos ? name + std::to_string(i)
                                                   : name.replace(place, 2, std::to_string(i)));
    }
    return names;
}

std::optional<Options> parse_options(int argc, const char* const* argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view given = argv[i];
        if (given == "-?" || given == "--help") {
            return std::nullopt;
        }
        const Flag* found = nullptr;
        for (const Flag& flag : flags()) {
            found = given == flag.brief || given == flag.full ? &flag : found;
        }
        if (found == nullptr) {
            fail("unknown flag '" + std::string(given) + "'; --help lists them");
        }
        if (found->has_value && ++i == argc) {
            fail(std::string(given) + " needs a value");
        }
        found->set(options, found->has_value ? argv[i] : "");
    }
    check(options);
    return options;
}

} // namespace bench
