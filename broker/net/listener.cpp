#include "broker/net/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// With no file descriptor left there is nothing to do but wait until a connection goes.
constexpr std::chrono::milliseconds retry_interval{100};

} // namespace

Listener::Listener(const std::string& address, std::uint16_t port, ListenOptions options,
                   std::vector<std::unique_ptr<IoThread>>& threads, ConnectionHost& host)
    : options_(options),
      threads_(threads),
      host_(host),
      acceptor_(threads.front()->context()),
      retry_(threads.front()->context()) {
    try {
        const tcp::endpoint wanted(asio::ip::make_address(address), port);
        acceptor_.open(wanted.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        if (wanted.protocol() == tcp::v6()) {
            acceptor_.set_option(asio::ip::v6_only(false));
        }
        acceptor_.bind(wanted);
        acceptor_.listen(options.backlog);
        endpoint_ = acceptor_.local_endpoint();
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(fmt::format("cannot listen on {}:{}: {}", address, port, error.code().message()));
    }
}

void Listener::start() {
    accept();
}

void Listener::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
}

IoThread& Listener::least_loaded() const {
    return **std::min_element(threads_.begin(), threads_.end(), [](const auto& a, const auto& b) {
        return a->connection_count() < b->connection_count();
    });
}

void Listener::set_options(tcp::socket& socket) const {
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(options_.nodelay), ignored);
    socket.set_option(asio::socket_base::keep_alive(options_.keepalive), ignored);
    if (options_.send_buffer_bytes) {
        socket.set_option(asio::socket_base::send_buffer_size(*options_.send_buffer_bytes), ignored);
    }
    if (options_.receive_buffer_bytes) {
        socket.set_option(asio::socket_base::receive_buffer_size(*options_.receive_buffer_bytes), ignored);
    }
}

void Listener::accept() {
    IoThread& thread = least_loaded();
    acceptor_.async_accept(
        thread.context(), [this, &thread](const boost::system::error_code& error, tcp::socket socket) {
            if (error == asio::error::operation_aborted || !acceptor_.is_open()) {
                return;
            }
            if (error) {
                spdlog::error("cannot accept a connection: {}", error.message());
                retry_.expires_after(retry_interval);
                retry_.async_wait([this](const boost::system::error_code& cancelled) {
                    if (!cancelled) {
                        accept();
                    }
                });
                return;
            }
            set_options(socket);
            thread.post([this, &thread, accepted = std::make_shared<tcp::socket>(std::move(socket))] {
                std::make_shared<Connection>(std::move(*accepted), thread, host_, options_.tls)->start();
            });
            accept();
        });
}

} // namespace broker
