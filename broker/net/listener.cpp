#include "broker/net/listener.hpp"

#include "broker/net/connection_log.hpp"
#include "broker/net/proxy_intake.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

namespace broker {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using UnixSocket = asio::local::stream_protocol;

// With no file descriptor left there is nothing to do but wait until a connection goes.
constexpr std::chrono::milliseconds retry_interval{100};

// Who is let in is decided by the login, as with TCP.
constexpr mode_t socket_mode = 0666;

// A socket that nobody answers at; anything else stays.
void remove_left_over(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) {
        return;
    }
    asio::io_context context;
    UnixSocket::socket probe(context);
    boost::system::error_code error;
    probe.connect(UnixSocket::endpoint(path), error);
    if (error == asio::error::connection_refused) {
        ::unlink(path.c_str());
    }
}

} // namespace

Listener::Listener(const std::string& address, std::uint16_t port, ListenOptions options,
                   std::vector<std::unique_ptr<IoThread>>& threads, ConnectionHost& host)
    : options_(std::move(options)),
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
        acceptor_.listen(options_.backlog);
        const AddressAndPort bound = internet_address(acceptor_.local_endpoint());
        address_ = bound.address.to_string();
        port_ = bound.port;
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(fmt::format("cannot listen on {}:{}: {}", address, port, error.code().message()));
    }
}

Listener::Listener(const std::string& path, ListenOptions options, std::vector<std::unique_ptr<IoThread>>& threads,
                   ConnectionHost& host)
    : options_(std::move(options)),
      threads_(threads),
      host_(host),
      acceptor_(threads.front()->context()),
      retry_(threads.front()->context()),
      address_(path) {
    try {
        remove_left_over(path);
        const UnixSocket::endpoint wanted(path);
        acceptor_.open(wanted.protocol());
        acceptor_.bind(wanted);
        ::chmod(path.c_str(), socket_mode);
        acceptor_.listen(options_.backlog);
    } catch (const boost::system::system_error& error) {
        throw std::runtime_error(fmt::format("cannot listen on {}: {}", path, error.code().message()));
    }
}

Listener::~Listener() {
    if (port_ == 0) {
        ::unlink(address_.c_str());
    }
}

void Listener::start() {
    acceptor_.non_blocking(true);
    accept();
}

void Listener::stop() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
}

void Listener::set_options(StreamSocket& socket) const {
    boost::system::error_code ignored;
    if (port_ != 0) {
        socket.set_option(tcp::no_delay(options_.nodelay), ignored);
        socket.set_option(asio::socket_base::keep_alive(options_.keepalive), ignored);
    }
    if (options_.send_buffer_bytes) {
        socket.set_option(asio::socket_base::send_buffer_size(*options_.send_buffer_bytes), ignored);
    }
    if (options_.receive_buffer_bytes) {
        socket.set_option(asio::socket_base::receive_buffer_size(*options_.receive_buffer_bytes), ignored);
    }
}

void Listener::accept() {
    acceptor_.async_wait(asio::socket_base::wait_read, [this](boost::system::error_code error) {
        if (error == asio::error::operation_aborted || !acceptor_.is_open()) {
            return;
        }
        // Chosen now: while we waited others have come and gone, here and at other listeners.
        IoThread& thread = least_loaded(threads_, turn_++);
        StreamSocket socket(thread.context());
        if (!error) {
            acceptor_.accept(socket, error);
        }
        if (!error) {
            set_options(socket);
            take(thread, std::move(socket));
        } else if (error != asio::error::would_block && error != asio::error::connection_aborted) {
            return retry_later(error);
        }
        accept();
    });
}

void Listener::retry_later(const boost::system::error_code& error) {
    spdlog::error("cannot accept a connection: {}", error.message());
    retry_.expires_after(retry_interval);
    retry_.async_wait([this](const boost::system::error_code& cancelled) {
        if (!cancelled) {
            accept();
        }
    });
}

void Listener::take(IoThread& thread, StreamSocket socket) {
    const auto accepted = std::make_shared<StreamSocket>(std::move(socket));
    if (!options_.proxy_protocol || port_ == 0) {
        thread.post([this, &thread, accepted] {
            const SocketEnds ends = ends_of(*accepted);
            Stream stream(accepted->native_handle(), options_.tls);
            std::make_shared<Connection>(std::move(*accepted), std::move(stream), ends, thread, host_)->start();
        });
        return;
    }
    const SocketEnds ends = ends_of(*accepted);
    const auto is_here = [&](const AddressRange& range) { return range.contains(ends.address); };
    if (!options_.proxies.empty() && std::none_of(options_.proxies.begin(), options_.proxies.end(), is_here)) {
        connection_log().warn("connection {}: refused, it is not one of the proxies (leveret.proxies)", ends.name());
        return;
    }
    thread.post([this, &thread, accepted] {
        std::make_shared<ProxyIntake>(std::move(*accepted), thread, host_, options_.tls)->start();
    });
}

} // namespace broker
