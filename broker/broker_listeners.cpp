// The doors of the Broker: listeners, their certificates, and how logins at them are slowed. The rest of it is in
// broker.cpp.
#include "broker/admin/http_server.hpp"
#include "broker/broker.hpp"
#include "broker/net/web_socket_intake.hpp"
#include "broker/tls_settings.hpp"

#include <boost/asio/steady_timer.hpp>

#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <utility>

namespace broker {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::hours expiry_warning = 30 * 24h;
constexpr std::uint16_t management_tls_port = 15671, metrics_tls_port = 15691;

void look_at(const TlsContext& tls) {
    const TlsOptions& options = tls.options();
    const auto left = tls.expiry().certificate - std::chrono::system_clock::now();
    if (left < expiry_warning) {
        spdlog::warn("{}: the certificate in {} expires in {} days", options.name, options.certificate_file,
                     std::chrono::duration_cast<std::chrono::hours>(left).count() / 24);
    }
    if (tls.key_is_exposed()) {
        spdlog::warn("{}: every user of this machine may read or write the key in {}", options.name, options.key_file);
    }
    for (const std::string& version : options.versions) {
        if (version != "tlsv1.2" && version != "tlsv1.3") {
            spdlog::warn("{}: {} is not offered: it is broken", options.name, version);
        }
    }
}

void open_with_tls(HttpOptions& http, const config::HttpTls& settings, const TlsContext& tls,
                   std::uint16_t usual_port) {
    look_at(tls);
    http.tls = &tls;
    http.tls_address = settings.address;
    http.tls_port = settings.port.value_or(usual_port);
}

} // namespace

void Broker::open_listeners() {
    const config::TcpListenOptions& tcp = settings_.tcp_listen_options;
    ListenOptions options{tcp.backlog, tcp.nodelay, tcp.keepalive, tcp.send_buffer_bytes, tcp.receive_buffer_bytes};
    const auto open = [&](const config::Endpoint& endpoint) {
        listeners_.push_back(std::make_unique<Listener>(endpoint.address, endpoint.port, options, threads_,
                                                        static_cast<ConnectionHost&>(*this)));
    };
    options.proxy_protocol = settings_.proxy_protocol;
    for (const std::string& proxy : settings_.proxies) {
        options.proxies.push_back(AddressRange::parse(proxy).value()); // the setting's form has been checked
    }
    for (const config::Endpoint& endpoint : settings_.tcp_listeners) {
        open(endpoint);
    }
    for (const std::string& path : settings_.unix_listeners) {
        listeners_.push_back(
            std::make_unique<Listener>(path, options, threads_, static_cast<ConnectionHost&>(*this)));
    }
    if (!settings_.tls_listeners.empty()) {
        tls_ = std::make_unique<TlsContext>(amqp_tls_options(settings_));
        look_at(*tls_);
        options.tls = tls_.get();
    }
    for (const config::Endpoint& endpoint : settings_.tls_listeners) {
        open(endpoint);
    }
    open_management();
    open_metrics();
    for (auto& listener : listeners_) {
        threads_.front()->post([&listener = *listener] { listener.start(); });
    }
    for (const ListenerInfo& listener : listeners()) {
        if (listener.port == 0) {
            spdlog::info("listening on {} ({})", listener.address, listener.protocol);
        } else {
            spdlog::info("listening on {}:{} ({})", listener.address, listener.port, listener.protocol);
        }
    }
}

void Broker::open_management() {
    HttpOptions http;
    http.address = settings_.management.address;
    http.port = settings_.management.port;
    http.path_prefix = settings_.management_path_prefix;
    http.cors_origins = settings_.management_cors_origins;
    http.allowed_hosts = settings_.management_allowed_hosts;
    http.web_socket = settings_.management_web_socket;
    http.password_change_closes = settings_.password_change_closes;
    if (settings_.management_tls.wanted()) {
        management_tls_ = std::make_unique<TlsContext>(management_tls_options(settings_));
        open_with_tls(http, settings_.management_tls, *management_tls_, management_tls_port);
        http.plain = settings_.management_given;
    }
    http_ = std::make_unique<HttpServer>(static_cast<Node&>(*this), std::move(http));
    http_->start();
}

void Broker::take_web_socket(UpgradedSocket socket) {
    begin_connection(std::move(socket), least_loaded(threads_, 0), *this);
}

// Nobody is served worse without it, so a port that cannot be had does not keep the broker from starting.
void Broker::open_metrics() {
    HttpOptions options;
    options.service = HttpService::metrics;
    options.address = settings_.prometheus.address;
    options.port = settings_.prometheus.port;
    options.login = settings_.prometheus_authentication;
    if (settings_.prometheus_tls.wanted()) {
        metrics_tls_ = std::make_unique<TlsContext>(prometheus_tls_options(settings_));
        open_with_tls(options, settings_.prometheus_tls, *metrics_tls_, metrics_tls_port);
        options.plain = settings_.prometheus_given;
    }
    auto server = std::make_unique<HttpServer>(static_cast<Node&>(*this), std::move(options));
    try {
        server->start();
        metrics_ = std::move(server);
    } catch (const std::runtime_error& error) {
        spdlog::error("no metrics for Prometheus: {}", error.what());
    }
}

std::vector<ListenerInfo> Broker::listeners() const {
    std::vector<ListenerInfo> result;
    const auto expiry_of = [](const TlsContext& tls) { return std::optional(tls.expiry()); };
    for (const auto& listener : listeners_) {
        result.push_back({listener->has_tls() ? "amqp/ssl" : "amqp", listener->address(), listener->port(),
                          listener->has_tls() ? expiry_of(*tls_) : std::nullopt});
    }
    if (http_ && http_->port() != 0) {
        result.push_back({"http", settings_.management.address, http_->port()});
    }
    if (http_ && http_->tls_port() != 0) {
        result.push_back({"https", settings_.management_tls.address, http_->tls_port(), expiry_of(*management_tls_)});
    }
    if (metrics_ && metrics_->port() != 0) {
        result.push_back({"http/prometheus", settings_.prometheus.address, metrics_->port()});
    }
    if (metrics_ && metrics_->tls_port() != 0) {
        result.push_back(
            {"https/prometheus", settings_.prometheus_tls.address, metrics_->tls_port(), expiry_of(*metrics_tls_)});
    }
    return result;
}

bool Broker::reload_certificates() {
    bool all = true;
    for (TlsContext* tls : {tls_.get(), management_tls_.get(), metrics_tls_.get()}) {
        if (tls == nullptr) {
            continue;
        }
        if (const auto problem = tls->reload()) {
            spdlog::error("certificates are not read again, the old ones stay: {}", *problem);
            all = false;
        } else {
            spdlog::info("{}: certificates read again", tls->options().name);
            look_at(*tls);
        }
    }
    return all;
}

void Broker::run_later(std::chrono::milliseconds delay, std::function<void()> function) {
    IoThread& thread = next_thread();
    thread.post([&thread, delay, function = std::move(function)] {
        const auto timer = std::make_shared<boost::asio::steady_timer>(thread.context(), delay);
        timer->async_wait([timer, function](const boost::system::error_code& error) {
            if (!error) {
                function();
            }
        });
    });
}

} // namespace broker
