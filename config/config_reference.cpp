#include "config/config_reference.hpp"

#include "config/setting_table.hpp"

#include <string_view>
#include <vector>

namespace config {

namespace {

struct Section {
    const char* title;
    std::vector<std::string_view> prefixes; // of the keys that stand in it; the first section that fits
};

const std::vector<Section>& sections() {
    static const std::vector<Section> all{
        {"Listeners and sockets",
         {"listeners.", "tcp_listen_options.", "proxy_protocol", "leveret.proxies", "handshake_timeout",
          "leveret.max_pending_handshakes"}},
        {"TLS", {"ssl_", "management.ssl.", "prometheus.ssl."}},
        {"Management and metrics", {"management.", "leveret.management.", "prometheus."}},
        {"Users and logins", {"auth_", "default_", "loopback_users", "anonymous_", "leveret.password"}},
        {"Memory and disk", {"vm_memory", "disk_free", "total_memory", "memory_monitor"}},
        {"Log", {"log."}},
        {"Definitions", {"load_definitions", "definitions."}},
        {"Leveret's own", {"leveret."}},
        {"Protocol and limits", {""}},
    };
    return all;
}

const Section& section_of(const Setting& setting) {
    for (const Section& section : sections())
        for (const std::string_view prefix : section.prefixes)
            if (setting.key.starts_with(prefix) && setting.key != "default_queue_type")
                return section;
    return sections().back();
}

// A bar would end the cell.
std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|')
            out += '\\';
        out += c;
    }
    return out;
}

void print_row(std::string& out, const Setting& setting) {
    const std::string value = setting.default_value.empty() ? "-" : "`" + cell(setting.default_value) + "`";
    out += "| `" + setting.key + "` | " + value + " | " + cell(setting.help) +
           (setting.live ? " *Follows the file at SIGHUP.*" : "") + " | " + cell(setting.expected) + " |\n";
}

constexpr const char* head =
    R"(# Configuration reference

Written by `leveret --print-config-reference` from the table that the broker itself reads with; do not edit.

The syntax is that of rabbitmq.conf: `key = value`, a comment begins with `#`. Where settings come from, each
winning over the one before it:

1. the file of `--config FILE` or of `RABBITMQ_CONFIG_FILE`,
2. `conf.d/*.conf` beside it, in lexical order, or what `RABBITMQ_CONFIG_FILES` names,
3. environment variables ([below](#environment-variables)),
4. `--set KEY=VALUE`.

Every key that RabbitMQ knows is one of three: it does what it says; it is accepted and a warning at start
names it ([the list](#accepted-without-effect)); or it is refused with the reason, because something else than
was asked for would happen. A key that nobody knows is refused. `leveret --check-config --config FILE` says
which, without starting.

`$name`, `$n` and `$user` stand for any word. Keys marked *Follows the file at SIGHUP* take effect when the
process gets that signal; all others need a restart, and the log names those that have changed. Sizes take
`kB`, `MB`, `GB` (thousands) and `KiB`, `MiB`, `GiB`.
)";

constexpr const char* environment =
    R"(
## Environment variables

| variable | the same as |
|---|---|
| `RABBITMQ_CONFIG_FILE`, `RABBITMQ_CONFIG_FILES` | `--config`, and the directory or pattern of further files |
| `RABBITMQ_NODE_PORT`, `RABBITMQ_NODE_IP_ADDRESS` | `listeners.tcp.default`; other plain listeners of the file go |
| `RABBITMQ_NODENAME`, `RABBITMQ_USE_LONGNAME` | the node's name (`rabbit@` and the host's name) |
| `RABBITMQ_DEFAULT_USER`, `_PASS`, `_VHOST` | `default_user`, `default_pass`, `default_vhost` |
| `RABBITMQ_USERNAME`, `RABBITMQ_PASSWORD`, `RABBITMQ_VHOST` | the same (Bitnami's names) |
| `RABBITMQ_MNESIA_BASE`, `RABBITMQ_MNESIA_DIR` | `leveret.data_dir`, in a directory `leveret` below |
| `RABBITMQ_LOGS`, `RABBITMQ_LOG_BASE` | `log.file` (`-`: the console), `log.dir` |

`RABBITMQ_SSL_*`, `RABBITMQ_VM_MEMORY_HIGH_WATERMARK` and what else RabbitMQ has removed stop the start with
the key to use instead. Variables about Erlang and plugins are named in a warning. The container image knows
some more: [DOCKER.md](DOCKER.md).
)";

} // namespace

std::string print_config_reference() {
    std::string out = head;
    for (const Section& section : sections()) {
        out += "\n## " + std::string(section.title) + "\n\n| key | default | | value |\n|---|---|---|---|\n";
        for (const Setting& setting : setting_table())
            if (setting.effect == Setting::Effect::yes && &section_of(setting) == &section)
                print_row(out, setting);
    }
    out += environment;
    out +=
        "\n## Accepted without effect\n\nTheir values are checked, and a warning at start names each that is set.\n\n"
        "| key | RabbitMQ's default |\n|---|---|\n";
    std::string families;
    for (const Setting& setting : setting_table()) {
        if (setting.effect == Setting::Effect::yes)
            continue;
        if (setting.key.ends_with('*'))
            families += (families.empty() ? "`" : ", `") + setting.key + "`";
        else
            out += "| `" + setting.key + "` | " +
                   (setting.default_value.empty() ? "-" : "`" + cell(setting.default_value) + "`") + " |\n";
    }
    return out + "\nWhole families of keys, whose values are taken as they are: " + families + ".\n";
}

} // namespace config
