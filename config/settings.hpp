// Everything that can be set, with its default. A plain value: read once at start, then shared as const by every
// thread. setting_table.cpp says which key fills which member, in what range; rabbitmq.conf's words are the names.
#pragma once

#include "config/secret.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace config {

struct Endpoint {
    std::string address = "0.0.0.0"; // IPv4 or IPv6, without brackets
    std::uint16_t port = 0;          // 0: the system chooses

    bool operator==(const Endpoint&) const = default;
};

enum class LogLevel : std::uint8_t { debug, info, notice, warning, error, critical, none };
enum class LogFormat : std::uint8_t { plaintext, json };
enum class QueueType : std::uint8_t { classic, quorum, stream };

struct LogSettings {
    bool console = true;
    LogLevel console_level = LogLevel::info;
    LogFormat console_format = LogFormat::plaintext;
    std::string directory; // of a file without one; empty: where the broker was started
    std::string file;      // empty: no file
    LogLevel file_level = LogLevel::info;
    LogFormat file_format = LogFormat::plaintext;
    std::uint64_t rotation_bytes = 0; // a file that is larger gets a number and a successor; 0: never
    std::uint32_t rotation_count = 5; // so many old ones are kept
    std::map<std::string, LogLevel>
        category_levels; // "connection", "channel", "queue", ...; absent: the output's level

    bool operator==(const LogSettings&) const = default;
};

struct TcpListenOptions {
    int backlog = 128;
    bool nodelay = true;
    bool keepalive = false;
    bool linger = true;
    std::uint16_t linger_timeout_s = 0;
    std::optional<int> send_buffer_bytes; // absent: the system's choice
    std::optional<int> receive_buffer_bytes;

    bool operator==(const TcpListenOptions&) const = default;
};

// What the user is given who is created when the store is empty.
struct DefaultUser {
    std::string name = "guest";
    Secret password{"guest"};
    std::set<std::string> tags{"administrator"};
    std::string configure = ".*"; // permissions in the default virtual host
    std::string read = ".*";
    std::string write = ".*";

    bool operator==(const DefaultUser&) const = default;
};

// Either a share of the machine's memory or a number of bytes; exactly one of the two is present.
struct Watermark {
    std::optional<double> relative;
    std::optional<std::uint64_t> absolute_bytes;

    bool operator==(const Watermark&) const = default;
};

struct TlsSettings {
    std::string cacertfile; // paths; empty: none
    std::string certfile;
    std::string keyfile;
    Secret password; // of the key; empty: none
    bool verify_peer = false;
    bool fail_if_no_peer_cert = false;
    std::vector<std::string> versions{"tlsv1.3", "tlsv1.2"};
    std::vector<std::string> ciphers; // empty: the broker's own choice
    bool honor_cipher_order = true;
    std::uint16_t depth = 10;

    bool operator==(const TlsSettings&) const = default;
};

// Where HTTP is spoken with TLS.
struct HttpTls {
    std::optional<std::uint16_t> port; // absent: the usual one, where there is a certificate
    std::string address = "0.0.0.0";
    TlsSettings options;

    bool wanted() const { return port || !options.certfile.empty(); }
    bool operator==(const HttpTls&) const = default;
};

enum class CertificateField : std::uint8_t { distinguished_name, common_name, subject_alternative_name };
enum class AlternativeName : std::uint8_t { dns, ip, email, uri };

// What of a client's certificate is a user's name.
struct CertificateLogin {
    CertificateField from = CertificateField::distinguished_name;
    AlternativeName alternative_name = AlternativeName::dns;
    std::uint16_t index = 0;

    bool operator==(const CertificateLogin&) const = default;
};

struct Settings {
    static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

    std::vector<Endpoint> tcp_listeners{{"0.0.0.0", 5672}};
    std::vector<std::string> unix_listeners; // paths
    TcpListenOptions tcp_listen_options;
    bool proxy_protocol = false;      // AMQP connections over TCP begin with HAProxy's PROXY header
    std::vector<std::string> proxies; // addresses and networks that may send one; empty: all
    std::vector<Endpoint> tls_listeners;
    TlsSettings tls; // of AMQP
    std::uint32_t tls_handshake_timeout_ms = 5'000;
    CertificateLogin certificate_login;
    Endpoint management{"0.0.0.0", 15672};
    bool management_given = false; // else it is not opened where management_tls is
    HttpTls management_tls;
    std::string management_path_prefix;                // before /api and the page; empty or "/..."
    std::vector<std::string> management_cors_origins;  // whose pages may use the API; "*": anybody's
    bool management_web_socket = true;                 // AMQP there, at /ws
    std::vector<std::string> management_allowed_hosts; // names in the header Host; empty: any
    bool password_change_closes = false;               // the user's connections
    Endpoint prometheus{"0.0.0.0", 15692};
    bool prometheus_given = false; // as above
    HttpTls prometheus_tls;
    bool prometheus_authentication = false; // there, too, only for users with the tag monitoring

    std::uint32_t handshake_timeout_ms = 10'000; // from accept to connection.open
    std::uint32_t max_pending_handshakes = 1'000, max_pending_handshakes_of_address = 256; // 0: no limit
    std::uint16_t heartbeat_s = 60;
    std::uint32_t frame_max_bytes = 131'072;
    std::uint32_t initial_frame_max_bytes = 8'192; // before connection.tune-ok
    std::uint16_t channel_max = 2'047;             // never 0
    std::uint32_t max_connections = unlimited;
    std::uint32_t channel_max_per_node = unlimited;
    std::uint32_t consumer_max_per_channel = unlimited;
    std::uint64_t max_message_size_bytes = 16 * 1024 * 1024;
    std::uint32_t consumer_timeout_ms = 0; // 0: none
    QueueType default_queue_type = QueueType::classic;

    std::string default_vhost = "/";
    DefaultUser default_user;
    std::set<std::string> loopback_users{"guest"}; // may log in from a loopback address only
    std::string anonymous_login_user = "guest";    // empty: ANONYMOUS is not offered
    Secret anonymous_login_pass{"guest"};
    std::vector<std::string> auth_mechanisms{"PLAIN", "AMQPLAIN", "ANONYMOUS"};

    Watermark memory_high_watermark{.relative = 0.6, .absolute_bytes = {}};
    double memory_paging_ratio = 0.5; // of it; queues keep little in memory above
    Watermark disk_free_limit{.relative = {}, .absolute_bytes = 50'000'000};
    std::optional<std::uint64_t> total_memory_bytes;  // what a share is of; absent: what the system says
    std::uint32_t memory_monitor_interval_ms = 1'000; // both watermarks are looked at this often
    std::uint32_t collect_statistics_interval_ms = 5'000;
    std::string load_definitions; // path; empty: none

    LogSettings log;

    std::string data_dir = "/var/lib/leveret";
    std::string backup_dir;                     // empty: backups in data_dir
    std::string node_name = "rabbit@localhost"; // parse_command_line puts the host's name here
    std::string cluster_name;                   // empty: the node's name
    std::uint16_t io_threads = 0;               // 0: one per core that we may use
    std::uint32_t drain_timeout_ms = 3'000;     // for clients to answer connection.close when the broker stops

    bool operator==(const Settings&) const = default;
};

} // namespace config
