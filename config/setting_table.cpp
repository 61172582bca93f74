#include "config/setting_table.hpp"

#include <algorithm>
#include <numeric>
#include <set>

namespace config {

namespace {

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t exbi = mib * mib * mib;
constexpr std::uint64_t max_uint16 = 65'535;
constexpr std::uint64_t max_int32 = 2'147'483'647;

using User = DefaultUser;
using Tcp = TcpListenOptions;

void add_listener(Settings& settings, std::string_view, Endpoint endpoint) {
    settings.tcp_listeners.push_back(std::move(endpoint));
}

auto member_of(std::set<std::string>& (*names)(Settings&)) {
    return [names](Settings& settings, std::string_view name, bool present) {
        if (present)
            names(settings).emplace(name);
    };
}

std::set<std::string>& user_tags(Settings& settings) {
    return settings.default_user.tags;
}
std::set<std::string>& loopback_users(Settings& settings) {
    return settings.loopback_users;
}

// Where a service of HTTP is to be had without TLS, and that this was said.
template <class T>
Setting http_setting(std::string key, Form<T> form, Endpoint Settings::*service, bool Settings::*given,
                     T Endpoint::*member, std::string help) {
    std::string default_value = form.show(Settings().*service.*member);
    auto write = [service, given, member](Settings& settings, std::string_view, T value) {
        settings.*service.*member = std::move(value);
        settings.*given = true;
    };
    return custom_setting(std::move(key), std::move(form), std::move(default_value), write, std::move(help));
}

std::vector<Setting> listener_rows() {
    const auto port = integer<std::uint16_t>("a port", {0, max_uint16});
    const auto buffer = size<int>({kib, max_int32});
    return {
        custom_setting("listeners.tcp.$name", endpoint(), "5672", add_listener,
                       "Where AMQP clients connect; any number of names. Port 0: the system chooses one.")
            .as_family("default", [](Settings& s) { s.tcp_listeners.clear(); }),
        custom_setting(
            "listeners.tcp", one_of({"none"}), "",
            [](Settings& s, std::string_view, const std::string&) { s.tcp_listeners.clear(); },
            "none: no plain TCP listener, whatever else is said."),
        custom_setting(
            "listeners.unix.$name", absolute_path(), "",
            [](Settings& s, std::string_view, std::string path) { s.unix_listeners.push_back(std::move(path)); },
            "A UNIX socket where AMQP clients connect, in a directory that exists. RabbitMQ has them in "
            "advanced.config.")
            .as_family("default", [](Settings& s) { s.unix_listeners.clear(); }),
        setting("proxy_protocol", boolean(), at(&Settings::proxy_protocol),
                "AMQP connections over TCP have to begin with HAProxy's PROXY header, version 1 or 2."),
        custom_setting(
            "leveret.proxies.$n", network(), "",
            [](Settings& s, std::string_view, std::string proxy) { s.proxies.push_back(std::move(proxy)); },
            "Who may connect where proxy_protocol is on; unset: everybody, and everybody is believed.")
            .as_family("1", [](Settings& s) { s.proxies.clear(); }),
        http_setting("management.tcp.port", port, &Settings::management, &Settings::management_given, &Endpoint::port,
                     "HTTP API and web page."),
        http_setting("management.tcp.ip", ip_address(), &Settings::management, &Settings::management_given,
                     &Endpoint::address, "Its address."),
        http_setting("management.listener.port", port, &Settings::management, &Settings::management_given,
                     &Endpoint::port, "Another name of management.tcp.port.")
            .as_other_name(),
        http_setting("management.listener.ip", ip_address(), &Settings::management, &Settings::management_given,
                     &Endpoint::address, "Another name of management.tcp.ip.")
            .as_other_name(),
        setting("management.path_prefix", anything(), at(&Settings::management_path_prefix), "Before all its paths."),
        custom_setting(
            "management.cors.allow_origins.$n", anything(), "",
            [](Settings& s, std::string_view, std::string value) {
                s.management_cors_origins.push_back(std::move(value));
            },
            "Origins of pages that may use the HTTP API from a browser; * for any.")
            .as_family("1", [](Settings& s) { s.management_cors_origins.clear(); }),
        setting("leveret.management.websocket", boolean(), at(&Settings::management_web_socket),
                "AMQP over WebSocket on the ports of the HTTP API, at /ws."),
        setting("leveret.password_change_closes_connections", boolean(), at(&Settings::password_change_closes),
                "Whether the connections of a user who gets another password over HTTP are closed."),
        custom_setting(
            "leveret.management.allowed_hosts.$n", text("a host's name or address"), "",
            [](Settings& s, std::string_view, std::string value) {
                s.management_allowed_hosts.push_back(std::move(value));
            },
            "Names, without a port, under which the HTTP API may be asked; unset: any.")
            .as_family("1", [](Settings& s) { s.management_allowed_hosts.clear(); }),
        http_setting("prometheus.tcp.port", port, &Settings::prometheus, &Settings::prometheus_given, &Endpoint::port,
                     "Metrics for Prometheus."),
        http_setting("prometheus.tcp.ip", ip_address(), &Settings::prometheus, &Settings::prometheus_given,
                     &Endpoint::address, "Their address."),
        setting("prometheus.authentication.enabled", boolean(), at(&Settings::prometheus_authentication),
                "Metrics there are only for users with the tag monitoring; else for everybody."),
        setting("tcp_listen_options.backlog", integer<int>("connections", {1, max_uint16}),
                at(&Settings::tcp_listen_options, &Tcp::backlog), "How many may wait to be accepted."),
        setting("tcp_listen_options.nodelay", boolean(), at(&Settings::tcp_listen_options, &Tcp::nodelay),
                "TCP_NODELAY: small frames are sent at once."),
        setting("tcp_listen_options.keepalive", boolean(), at(&Settings::tcp_listen_options, &Tcp::keepalive),
                "SO_KEEPALIVE on client sockets."),
        setting("tcp_listen_options.linger.on", boolean(), at(&Settings::tcp_listen_options, &Tcp::linger),
                "SO_LINGER on client sockets.")
            .without_effect(),
        setting("tcp_listen_options.linger.timeout", integer<std::uint16_t>("seconds", {0, max_uint16}),
                at(&Settings::tcp_listen_options, &Tcp::linger_timeout_s), "How long a closing socket lingers.")
            .without_effect(),
        setting("tcp_listen_options.sndbuf", buffer, at(&Settings::tcp_listen_options, &Tcp::send_buffer_bytes),
                "SO_SNDBUF; unset: the system's choice."),
        setting("tcp_listen_options.recbuf", buffer, at(&Settings::tcp_listen_options, &Tcp::receive_buffer_bytes),
                "SO_RCVBUF; unset: the system's choice."),
    };
}

// RabbitMQ's "0: no limit". Here there always is one, the largest value.
template <class T>
Form<T> or_zero_for(T largest, Form<T> form) {
    form.expected += ", or 0 for the largest";
    form.parse = [largest, parse = std::move(form.parse)](std::string_view text) {
        return text == "0" ? std::optional(largest) : parse(text);
    };
    return form;
}

// Whoever wants streams by default would get something else.
Form<QueueType> queue_type() {
    Form<QueueType> form = choice(queue_type_names);
    form.expected = "classic or quorum; there are no streams in this version";
    form.parse = [parse = std::move(form.parse)](std::string_view text) {
        const auto type = parse(text);
        return type == QueueType::stream ? std::nullopt : type;
    };
    return form;
}

std::vector<Setting> protocol_rows() {
    constexpr std::uint16_t max_channels = max_uint16;
    constexpr std::uint32_t max_frame = 16 * mib;
    const auto channels = or_zero_for(max_channels, integer<std::uint16_t>("channels", {1, max_channels}));
    const auto frame_size = or_zero_for(max_frame, size<std::uint32_t>({4 * kib, max_frame}));
    return {
        setting("handshake_timeout", integer<std::uint32_t>("milliseconds", {1, 86'400'000}),
                at(&Settings::handshake_timeout_ms), "From accept to connection.open; then the socket is dropped."),
        setting("heartbeat", integer<std::uint16_t>("seconds", {0, max_uint16}), at(&Settings::heartbeat_s),
                "What the server suggests; the client's answer counts. 0: no heartbeats."),
        setting("frame_max", frame_size, at(&Settings::frame_max_bytes), "Largest frame that is negotiated."),
        setting("initial_frame_max", size<std::uint32_t>({4 * kib, 128 * kib}), at(&Settings::initial_frame_max_bytes),
                "Largest frame before connection.tune-ok."),
        setting("channel_max", channels, at(&Settings::channel_max), "Channels open on one connection."),
        setting("max_channels_per_connection", channels, at(&Settings::channel_max), "Another name of channel_max.")
            .as_other_name(),
        setting("leveret.max_pending_handshakes", integer<std::uint32_t>("connections", {0, max_int32}),
                at(&Settings::max_pending_handshakes),
                "AMQP connections at a time that have not come to connection.open; 0: no limit."),
        setting("leveret.max_pending_handshakes_per_address", integer<std::uint32_t>("connections", {0, max_int32}),
                at(&Settings::max_pending_handshakes_of_address),
                "Of one address, or /64 of IPv6, but not of this machine's own; 0: no limit."),
        setting("max_connections", limit(0), at(&Settings::max_connections), "AMQP connections of this node."),
        setting("connection_max", limit(0), at(&Settings::max_connections), "Another name of max_connections.")
            .as_other_name(),
        setting("channel_max_per_node", limit(0), at(&Settings::channel_max_per_node), "Channels of all connections."),
        setting("consumer_max_per_channel", limit(0), at(&Settings::consumer_max_per_channel),
                "Consumers on a channel."),
        setting("max_message_size", size<std::uint64_t>({0, 512 * mib}), at(&Settings::max_message_size_bytes),
                "Largest body that is accepted."),
        setting("consumer_timeout", integer<std::uint32_t>("milliseconds", {0, max_int32}),
                at(&Settings::consumer_timeout_ms), "How long a delivery may stay unacknowledged. 0: for ever."),
        setting("default_queue_type", queue_type(), at(&Settings::default_queue_type),
                "Type of a queue that is declared without x-queue-type."),
    };
}

std::vector<Setting> user_rows() {
    const auto pattern = anything();
    return {
        custom_setting(
            "auth_mechanisms.$n", one_of({"PLAIN", "AMQPLAIN", "ANONYMOUS", "EXTERNAL"}), "",
            [](Settings& s, std::string_view, std::string value) { s.auth_mechanisms.push_back(std::move(value)); },
            "What a client may log in with, in this order; unset: all of them.")
            .as_family("1", [](Settings& s) { s.auth_mechanisms.clear(); }),
        custom_setting(
            "auth_backends.$n", one_of({"internal", "rabbit_auth_backend_internal"}), "internal",
            [](Settings&, std::string_view, const std::string&) {},
            "Who knows users and permissions. There is one backend; asking for another one is an error.")
            .as_family("1", {}),
        setting("default_vhost", text("a name"), at(&Settings::default_vhost), "Made when the store is empty."),
        setting("default_user", text("a name"), at(&Settings::default_user, &User::name),
                "Made when the store is empty."),
        setting("default_pass", secret(), at(&Settings::default_user, &User::password), "That user's password.")
            .as_secret(),
        custom_setting("default_user_tags.$tag", boolean(), "true", member_of(user_tags),
                       "That user's tags. What is given replaces the default.")
            .as_family("administrator", [](Settings& s) { s.default_user.tags.clear(); }),
        setting("default_permissions.configure", pattern, at(&Settings::default_user, &User::configure),
                "That user's permissions in the default virtual host, regular expressions."),
        setting("default_permissions.read", pattern, at(&Settings::default_user, &User::read), "As above, to read."),
        setting("default_permissions.write", pattern, at(&Settings::default_user, &User::write), "As above, to write."),
        custom_setting("loopback_users.$user", boolean(), "true", member_of(loopback_users),
                       "Who may log in from a loopback address only. What is given replaces the default.")
            .as_family("guest", [](Settings& s) { s.loopback_users.clear(); }),
        custom_setting(
            "loopback_users", one_of({"none"}), "",
            [](Settings& s, std::string_view, const std::string&) { s.loopback_users.clear(); },
            "none: every user may log in from anywhere."),
        setting("anonymous_login_user", name_or_none(), at(&Settings::anonymous_login_user),
                "Whom a client of the mechanism ANONYMOUS becomes; none: it is not offered."),
        setting("anonymous_login_pass", secret(), at(&Settings::anonymous_login_pass), "That user's password.")
            .as_secret(),
    };
}

std::vector<Setting> log_rows() {
    const auto level = choice(log_level_names);
    std::vector<Setting> rows{
        setting("log.console", boolean(), at(&Settings::log, &LogSettings::console),
                "Log to standard error. RabbitMQ's own default is a file.")
            .at_run_time(),
        setting("log.console.level", level, at(&Settings::log, &LogSettings::console_level), "What it takes at least.")
            .at_run_time(),
        setting("log.console.formatter", choice(log_format_names), at(&Settings::log, &LogSettings::console_format),
                "How a line looks.")
            .at_run_time(),
        setting("log.dir", anything(), at(&Settings::log, &LogSettings::directory),
                "Where log.file is when it is no absolute path."),
        setting("log.file", path_or_false(), at(&Settings::log, &LogSettings::file), "Log to this file."),
        setting("log.file.level", level, at(&Settings::log, &LogSettings::file_level), "What it takes at least.")
            .at_run_time(),
        setting("log.file.formatter", choice(log_format_names), at(&Settings::log, &LogSettings::file_format),
                "How a line looks.")
            .at_run_time(),
        setting("log.file.rotation.size", size<std::uint64_t>({0, exbi}),
                at(&Settings::log, &LogSettings::rotation_bytes),
                "A file that is larger gets a number and a successor. 0: never."),
        setting("log.file.rotation.count", integer<std::uint32_t>("files", {0, 1'000}),
                at(&Settings::log, &LogSettings::rotation_count), "Old files that are kept."),
    };
    for (const std::string category : {"connection", "channel", "queue", "user", "default"}) {
        rows.push_back(
            custom_setting(
                "log." + category + ".level", level, "",
                [category](Settings& s, std::string_view, LogLevel value) { s.log.category_levels[category] = value; },
                "What the category '" + category + "' writes at least; unset: what the output takes.")
                .at_run_time());
    }
    return rows;
}

std::vector<Setting> resource_rows() {
    const auto fraction = number(0, 1'000);
    const auto bytes = size<std::uint64_t>({0, exbi});
    const auto relative = [](Watermark Settings::*mark) {
        return [mark](Settings& s, std::string_view, double value) {
            s.*mark = {.relative = value, .absolute_bytes = {}};
        };
    };
    const auto absolute = [](Watermark Settings::*mark) {
        return [mark](Settings& s, std::string_view, std::uint64_t value) {
            s.*mark = {.relative = {}, .absolute_bytes = value};
        };
    };
    return {
        custom_setting("vm_memory_high_watermark.absolute", bytes, "", absolute(&Settings::memory_high_watermark),
                       "Memory above which publishers are blocked; .relative wins over it.")
            .at_run_time(),
        custom_setting("vm_memory_high_watermark.relative", fraction, "0.6", relative(&Settings::memory_high_watermark),
                       "The same as a share of the machine's memory.")
            .at_run_time(),
        setting("vm_memory_high_watermark_paging_ratio", number(0, 1), at(&Settings::memory_paging_ratio),
                "Share of that watermark above which what queues cannot deliver at once goes to the disk only.")
            .at_run_time(),
        custom_setting("disk_free_limit.absolute", bytes, "50MB", absolute(&Settings::disk_free_limit),
                       "Free space of the data directory below which publishers are blocked; .relative wins over it.")
            .at_run_time(),
        custom_setting("disk_free_limit.relative", fraction, "", relative(&Settings::disk_free_limit),
                       "The same as a multiple of the machine's memory.")
            .at_run_time(),
        custom_setting(
            "total_memory_available_override_value", bytes, "",
            [](Settings& s, std::string_view, std::uint64_t value) { s.total_memory_bytes = value; },
            "The machine's memory, where the system does not know; unset: of the machine or the control group.")
            .at_run_time(),
        setting("memory_monitor_interval", integer<std::uint32_t>("milliseconds", {100, 3'600'000}),
                at(&Settings::memory_monitor_interval_ms), "How often memory and disk are looked at, at least.")
            .at_run_time(),
        setting("collect_statistics_interval", integer<std::uint32_t>("milliseconds", {1, max_int32}),
                at(&Settings::collect_statistics_interval_ms), "How often rates are sampled.")
            .without_effect(),
        setting("load_definitions", text("a path"), at(&Settings::load_definitions),
                "Definitions that are imported at start: a JSON file, or a directory of them."),
        setting("definitions.local.path", text("a path"), at(&Settings::load_definitions),
                "Another name of load_definitions."),
        setting("management.load_definitions", text("a path"), at(&Settings::load_definitions),
                "Another name of load_definitions."),
        setting("cluster_name", text("a name"), at(&Settings::cluster_name),
                "What clients are told; unset: the node's name."),
        setting("leveret.data_dir", text("a path"), at(&Settings::data_dir), "Everything that survives a restart."),
        setting("leveret.backup.directory", text("a path"), at(&Settings::backup_dir),
                "Where backups of the running broker go; unset: backups in the data directory."),
        setting("leveret.io_threads", integer<std::uint16_t>("threads", {0, 1024}), at(&Settings::io_threads),
                "Network threads. 0: one per core, or as many as the control group may use."),
        setting("leveret.drain_timeout", integer<std::uint32_t>("milliseconds", {0, 3'600'000}),
                at(&Settings::drain_timeout_ms),
                "When the broker stops: so long clients may take to answer connection.close."),
    };
}

} // namespace

const std::vector<Setting>& setting_table() {
    static const std::vector<Setting> table = [] {
        std::vector<Setting> rows;
        for (auto& part :
             {listener_rows(), tls_rows(), protocol_rows(), user_rows(), log_rows(), resource_rows(), accepted_rows()})
            rows.insert(rows.end(), part.begin(), part.end());
        return rows;
    }();
    return table;
}

} // namespace config
