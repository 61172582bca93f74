// The management API's server: one thread with one io_context, which accepts HTTP connections and runs their requests
// as coroutines. Owned by the Broker; the Node it serves outlives it. What concerns virtual hosts runs on their
// strands, what concerns connections on the network threads; nothing here blocks.
#pragma once

#include "broker/admin/node.hpp"
#include "broker/auth/password_hash.hpp"
#include "broker/tls/tls_context.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace broker {

enum class HttpService : std::uint8_t {
    management, // everything
    metrics,    // for Prometheus: only that
};

struct HttpOptions {
    HttpService service = HttpService::management;
    bool login = false; // of who reads metrics; the management API has one always
    std::string address = "0.0.0.0";
    std::uint16_t port = 15672; // 0: the system chooses
    bool plain = true;          // false: only with TLS
    std::string tls_address = {};
    std::uint16_t tls_port = 15671;
    const TlsContext* tls = nullptr;             // null: only plain; outlives the server
    std::string path_prefix = {};                // management.path_prefix, put before /api
    std::vector<std::string> cors_origins = {};  // whose pages may call; "*": anybody's
    std::vector<std::string> allowed_hosts = {}; // names in Host; empty: any
    bool web_socket = true;                      // AMQP over WebSocket, at /ws
    bool password_change_closes = false;         // the user's connections
    std::size_t max_connections = 256;
    std::size_t max_header_bytes = 16 << 10;
    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds body_timeout{30'000};               // also for the answer to be taken
    std::chrono::milliseconds idle_timeout{60'000};               // between requests
    HashingAlgorithm password_hashing = HashingAlgorithm::sha256; // of passwords that are set here
};

class HttpServer {
 public:
    HttpServer(Node& node, HttpOptions options);
    ~HttpServer();

    void start();               // throws std::runtime_error with one clear line when the address cannot be had
    void stop();                // lets running requests end, but not for ever; may be called twice
    std::uint16_t port() const; // the one that is listened on; after start()
    std::uint16_t tls_port() const;

 private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

} // namespace broker
