#include "broker/admin/http_server.hpp"

#include "broker/admin/http_connection.hpp"
#include "broker/admin/totals.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include <future>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::chrono::milliseconds accept_retry{100}; // out of file descriptors, mostly
constexpr std::chrono::seconds longest_stop{5};

} // namespace

class HttpServer::Implementation {
 public:
    Implementation(Node& node, HttpOptions http_options)
        : options(std::move(http_options)), api{node, options}, sampling(*api.io) {}

    // Somewhere to knock at.
    struct Door {
        tcp::acceptor acceptor;
        asio::steady_timer retry;
        const TlsContext* tls; // null: plain
    };

    void listen() {
        if (options.plain) {
            port = listen(options.address, options.port, nullptr);
        }
        if (options.tls != nullptr) {
            tls_port = listen(options.tls_address, options.tls_port, options.tls);
        }
    }

    std::uint16_t listen(const std::string& ip, std::uint16_t wanted_port, const TlsContext* tls) {
        auto& [acceptor, retry, its_tls] =
            *doors.emplace_back(new Door{tcp::acceptor(*api.io), asio::steady_timer(*api.io), tls});
        boost::system::error_code error;
        const auto address = asio::ip::make_address(ip, error);
        const tcp::endpoint endpoint(address, wanted_port);
        const auto step = [&](auto&& action) {
            if (!error) {
                action();
            }
        };
        step([&] { acceptor.open(endpoint.protocol(), error); });
        step([&] { acceptor.set_option(tcp::acceptor::reuse_address(true), error); });
        step([&] { acceptor.bind(endpoint, error); });
        step([&] { acceptor.listen(asio::socket_base::max_listen_connections, error); });
        if (error) {
            throw std::runtime_error(
                fmt::format("cannot listen on {}:{} for HTTP: {}", ip, wanted_port, error.message()));
        }
        return acceptor.local_endpoint().port();
    }

    asio::awaitable<void> accept(Door& door) {
        auto& [acceptor, retry, tls] = door;
        while (acceptor.is_open()) {
            auto [error, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
            if (!error) {
                begin(std::move(socket), tls);
                continue;
            }
            if (acceptor.is_open()) {
                spdlog::warn("HTTP: cannot accept a connection: {}", error.message());
                retry.expires_after(accept_retry);
                co_await retry.async_wait(asio::as_tuple(asio::use_awaitable));
            }
        }
    }

    asio::awaitable<void> sample() {
        while (!stopping) {
            sample_totals(api);
            sampling.expires_after(std::chrono::milliseconds(History::sample_interval_ms));
            co_await sampling.async_wait(asio::as_tuple(asio::use_awaitable));
        }
    }

    // Whoever only holds a connection open, or never ends a request, must not keep others out: of those of whom nothing
    // is known the one that has taken longest goes.
    bool make_room() {
        HttpConnection* longest = nullptr;
        for (HttpConnection* connection : connections) {
            const auto since = connection->waiting_since();
            if (since && (longest == nullptr || *since < *longest->waiting_since())) {
                longest = connection;
            }
        }
        if (longest != nullptr) {
            connections.erase(longest);
            longest->close();
        }
        return longest != nullptr;
    }

    void begin(tcp::socket socket, const TlsContext* tls) {
        if (connections.size() >= options.max_connections && !make_room()) {
            return; // closes it
        }
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto connection = std::make_shared<HttpConnection>(api, std::move(socket), tls);
        connections.insert(connection.get());
        asio::co_spawn(*api.io, connection->run(), [this, connection](std::exception_ptr failure) {
            connections.erase(connection.get());
            log(failure);
        });
    }

    void run() {
        for (const auto& door : doors) {
            asio::co_spawn(*api.io, accept(*door), [](std::exception_ptr failure) { log(failure); });
        }
        if (options.service == HttpService::management) {
            asio::co_spawn(*api.io, sample(), [](std::exception_ptr failure) { log(failure); });
        }
        thread = std::thread([this] {
            pthread_setname_np(pthread_self(), "http"); // what top and perf show
            api.io->run();
            ended.set_value();
        });
    }

    void stop() {
        if (!thread.joinable()) {
            return;
        }
        asio::post(*api.io, [this] {
            boost::system::error_code ignored;
            for (const auto& door : doors) {
                door->acceptor.close(ignored);
                door->retry.cancel();
            }
            stopping = true;
            sampling.cancel();
            for (HttpConnection* connection : connections) {
                connection->close();
            }
        });
        if (ended.get_future().wait_for(longest_stop) != std::future_status::ready) {
            api.io->stop(); // somebody does not answer; his answer will be dropped
        }
        thread.join();
        api.hashing.join();
    }

    static void log(const std::exception_ptr& failure) {
        if (!failure) {
            return;
        }
        try {
            std::rethrow_exception(failure);
        } catch (const std::exception& exception) {
            spdlog::error("HTTP: {}", exception.what());
        }
    }

    const HttpOptions options;
    Api api;
    asio::steady_timer sampling;
    bool stopping = false; // on the server's thread
    std::vector<std::unique_ptr<Door>> doors;
    std::uint16_t port = 0, tls_port = 0;
    std::set<HttpConnection*> connections;
    std::promise<void> ended;
    std::thread thread;
};

HttpServer::HttpServer(Node& node, HttpOptions options)
    : implementation_(std::make_unique<Implementation>(node, std::move(options))) {}

HttpServer::~HttpServer() {
    stop();
}

void HttpServer::start() {
    implementation_->listen();
    implementation_->run();
}

void HttpServer::stop() {
    implementation_->stop();
}

std::uint16_t HttpServer::port() const {
    return implementation_->port;
}

std::uint16_t HttpServer::tls_port() const {
    return implementation_->tls_port;
}

} // namespace broker
