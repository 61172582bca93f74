// What an HTTP connection reads from and writes to: a Beast TCP stream with its deadlines, or TLS over it. Models
// Asio's AsyncReadStream and AsyncWriteStream. Part of the HttpConnection, on its thread.
#pragma once

#include "broker/net/upgraded_socket.hpp"
#include "broker/tls/tls_context.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace broker {

class HttpStream {
 public:
    using executor_type = boost::beast::tcp_stream::executor_type;

    // Without a context: plain.
    HttpStream(boost::asio::ip::tcp::socket socket, const TlsContext* context)
        : tcp_(std::move(socket)),
          context_(context) {
        if (context != nullptr) {
            tls_ = std::make_unique<Tls>(tcp_, SSL_new(context->current().get()));
        }
    }

    executor_type get_executor() { return tcp_.get_executor(); }
    boost::asio::ip::tcp::socket& socket() { return tcp_.socket(); }
    void expires_after(std::chrono::milliseconds time) { tcp_.expires_after(time); }
    void close() { tcp_.close(); }
    bool has_tls() const { return tls_ != nullptr; }
    // TLS has taken more off the socket than was read of it.
    bool has_input() const {
        return tls_ && (SSL_has_pending(tls_->native_handle()) == 1 ||
                        BIO_ctrl_pending(SSL_get_rbio(tls_->native_handle())) > 0);
    }
    // For another protocol; HTTP is over. There must be no input.
    UpgradedSocket release() {
        TlsSession session;
        if (tls_) {
            SSL_up_ref(tls_->native_handle());
            session.reset(tls_->native_handle());
            tls_.reset();
        }
        return {tcp_.release_socket(), std::move(session), context_};
    }

    // Both do nothing when plain.
    boost::asio::awaitable<boost::system::error_code> handshake() {
        if (!tls_) {
            co_return boost::system::error_code();
        }
        tcp_.expires_after(context_->options().handshake_timeout);
        auto [error] = co_await tls_->async_handshake(Tls::server, boost::asio::as_tuple(boost::asio::use_awaitable));
        co_return error;
    }
    boost::asio::awaitable<void> say_goodbye() {
        if (tls_) {
            tcp_.expires_after(std::chrono::seconds(2));
            co_await tls_->async_shutdown(boost::asio::as_tuple(boost::asio::use_awaitable));
        }
    }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const Buffers& into) {
                if (tls_) {
                    tls_->async_read_some(into, std::move(handler));
                } else {
                    tcp_.async_read_some(into, std::move(handler));
                }
            },
            token, buffers);
    }
    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const Buffers& from) {
                if (tls_) {
                    tls_->async_write_some(from, std::move(handler));
                } else {
                    tcp_.async_write_some(from, std::move(handler));
                }
            },
            token, buffers);
    }

 private:
    using Tls = boost::asio::ssl::stream<boost::beast::tcp_stream&>;

    boost::beast::tcp_stream tcp_;
    std::unique_ptr<Tls> tls_;
    const TlsContext* context_;
};

} // namespace broker
