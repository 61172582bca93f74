#include "bench/connection.hpp"

#include "protocol/methods.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

constexpr std::size_t first_input_size = 4 << 10; // of ten thousand idle connections
constexpr std::size_t usual_input_size = 128 << 10;
constexpr std::size_t max_pieces = 1024; // of one write: IOV_MAX

template <class Close>
std::string close_text(amqp::Bytes arguments) {
    const auto close = amqp::decode_method<Close>(arguments);
    return close ? std::to_string(close->reply_code) + " " + std::string(close->reply_text) : "a malformed close";
}

} // namespace

Connection::Connection(const Uri& uri, const ConnectionOptions& options)
    : where_(uri.host + ":" + uri.port),
      input_(first_input_size) {
    try {
        transport_ = std::make_unique<Transport>(uri, options.security);
    } catch (const std::runtime_error& error) {
        fail(error.what());
    }
    log_in(uri, options);
}

void Connection::fail(const std::string& what) const {
    throw std::runtime_error(where_ + ": " + what);
}

void Connection::log_in(const Uri& uri, const ConnectionOptions& options) {
    send_all(amqp::protocol_header);
    expect<amqp::connection::Start>();
    const std::string properties =
        amqp::FieldTable{{"product", "leveret-perf"},
                         {"capabilities", amqp::FieldTable{{"authentication_failure_close", true}}}}
            .encode();
    const bool external = options.security.external;
    const std::string response = external ? "" : '\0' + uri.user + '\0' + uri.password;
    const auto tune = call<amqp::connection::Tune>(
        amqp::connection::StartOk{{properties}, {external ? "EXTERNAL" : "PLAIN"}, {response}, {"en_US"}}, 0);
    frame_max_ = tune.frame_max == 0 ? frame_max_ : tune.frame_max;
    frame_max_ = options.frame_max == 0 ? frame_max_ : std::min(frame_max_, options.frame_max);
    heartbeat_ = options.heartbeat;
    send_method(amqp::connection::TuneOk{tune.channel_max, static_cast<std::uint32_t>(frame_max_), heartbeat_}, 0);
    call<amqp::connection::OpenOk>(amqp::connection::Open{{uri.virtual_host}}, 0);
}

void Connection::open_channel(amqp::ChannelNumber number) {
    call<amqp::channel::OpenOk>(amqp::channel::Open{}, number);
}

void Connection::close() {
    call<amqp::connection::CloseOk>(amqp::connection::Close{200, {"done"}, 0, 0}, 0);
}

void Connection::send_all(amqp::Bytes octets) {
    while (!octets.empty()) {
        const iovec piece{const_cast<char*>(octets.data()), octets.size()};
        const ssize_t sent = transport_->send(&piece, 1);
        if (sent < 0) {
            fail(std::string("cannot send: ") + std::strerror(errno));
        }
        octets.remove_prefix(static_cast<std::size_t>(sent));
    }
}

amqp::Frame Connection::receive_blocking() {
    drop_used();
    for (;;) {
        if (const auto parsed = next_frame()) {
            used_ += parsed->size;
            if (parsed->frame.type != amqp::FrameType::heartbeat) {
                return parsed->frame;
            }
        } else if (!receive()) {
            fail("the broker does not answer");
        }
    }
}

bool Connection::receive() {
    if (filled_ == input_.size()) {
        input_.resize(2 * input_.size());
    }
    const ssize_t received = transport_->receive(input_.data() + filled_, input_.size() - filled_);
    if (received > 0) {
        filled_ += static_cast<std::size_t>(received);
        if (filled_ == input_.size() && filled_ < usual_input_size) {
            input_.resize(usual_input_size);
        }
        return true;
    }
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) {
        return false;
    }
    fail(received == 0 ? "the broker has closed the connection"
                       : std::string("the connection is lost: ") + std::strerror(errno));
}

std::optional<amqp::FrameParser::Parsed> Connection::next_frame() {
    const auto parsed = parser_.next({input_.data() + used_, filled_ - used_});
    if (!parsed) {
        fail("the broker sent what is no frame: " + parsed.error().reply_text());
    }
    return *parsed;
}

void Connection::drop_used() {
    if (used_ > 0) {
        std::memmove(input_.data(), input_.data() + used_, filled_ - used_);
        filled_ -= std::exchange(used_, 0);
    }
}

bool Connection::send(std::vector<iovec>& pieces, std::size_t& first) {
    while (first < pieces.size()) {
        const ssize_t sent = transport_->send(pieces.data() + first, std::min(pieces.size() - first, max_pieces));
        if (sent < 0) {
            if (errno == EAGAIN || errno == EINTR) {
                return false;
            }
            receive(); // the broker may have said why
            return false;
        }
        auto left = static_cast<std::size_t>(sent);
        while (first < pieces.size() && left >= pieces[first].iov_len) {
            left -= pieces[first++].iov_len;
        }
        if (left > 0) {
            pieces[first].iov_base = static_cast<char*>(pieces[first].iov_base) + left;
            pieces[first].iov_len -= left;
        }
    }
    pieces.clear();
    first = 0;
    return true;
}

void Connection::fail_on(const amqp::Frame& frame) const {
    const auto id = amqp::method_id(frame.payload);
    if (frame.type == amqp::FrameType::method && id) {
        if (*id == amqp::connection::Close::id) {
            fail("the broker closes the connection: " + close_text<amqp::connection::Close>(frame.payload.substr(4)));
        }
        if (*id == amqp::channel::Close::id) {
            fail("the broker closes the channel: " + close_text<amqp::channel::Close>(frame.payload.substr(4)));
        }
        fail("unexpected method " + std::to_string(id->class_id) + "." + std::to_string(id->method_id));
    }
    fail("unexpected frame of type " + std::to_string(static_cast<unsigned>(frame.type)));
}

} // namespace bench
