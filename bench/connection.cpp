#include "bench/connection.hpp"

#include "protocol/methods.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace bench {
namespace {

constexpr std::size_t first_input_size = 64 << 10;
constexpr std::size_t max_pieces = 1024; // of one write: IOV_MAX

template <class Close>
std::string close_text(amqp::Bytes arguments) {
    const auto close = amqp::decode_method<Close>(arguments);
    return close ? std::to_string(close->reply_code) + " " + std::string(close->reply_text) : "a malformed close";
}

} // namespace

Connection::Connection(const Uri& uri) : where_(uri.host + ":" + uri.port), input_(first_input_size) {
    connect(uri);
    try {
        log_in(uri);
    } catch (...) {
        ::close(socket_);
        throw;
    }
}

Connection::~Connection() {
    ::close(socket_);
}

void Connection::fail(const std::string& what) const {
    throw std::runtime_error(where_ + ": " + what);
}

void Connection::connect(const Uri& uri) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (const int error = getaddrinfo(uri.host.c_str(), uri.port.c_str(), &hints, &list); error != 0) {
        fail(gai_strerror(error));
    }
    int error = 0;
    for (const addrinfo* one = list; one != nullptr && socket_ < 0; one = one->ai_next) {
        socket_ = ::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol);
        if (socket_ >= 0 && ::connect(socket_, one->ai_addr, one->ai_addrlen) < 0) {
            error = errno;
            ::close(std::exchange(socket_, -1));
        }
    }
    freeaddrinfo(list);
    if (socket_ < 0) {
        fail(std::string("cannot connect: ") + std::strerror(error));
    }
    const int yes = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void Connection::log_in(const Uri& uri) {
    send_all(amqp::protocol_header);
    expect<amqp::connection::Start>();
    const std::string properties =
        amqp::FieldTable{{"product", "leveret-perf"},
                         {"capabilities", amqp::FieldTable{{"authentication_failure_close", true}}}}
            .encode();
    const std::string response = '\0' + uri.user + '\0' + uri.password;
    const auto tune =
        call<amqp::connection::Tune>(amqp::connection::StartOk{{properties}, {"PLAIN"}, {response}, {"en_US"}}, 0);
    frame_max_ = tune.frame_max == 0 ? frame_max_ : tune.frame_max;
    std::string frame;
    amqp::write_method(frame, 0, amqp::connection::TuneOk{tune.channel_max, static_cast<std::uint32_t>(frame_max_), 0});
    send_all(frame);
    call<amqp::connection::OpenOk>(amqp::connection::Open{{uri.virtual_host}}, 0);
    call<amqp::channel::OpenOk>(amqp::channel::Open{});
}

void Connection::send_all(amqp::Bytes octets) {
    while (!octets.empty()) {
        const ssize_t sent = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
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
            return parsed->frame;
        }
        receive();
    }
}

void Connection::begin() {
    fcntl(socket_, F_SETFL, fcntl(socket_, F_GETFL) | O_NONBLOCK);
}

bool Connection::receive() {
    if (filled_ == input_.size()) {
        input_.resize(2 * input_.size());
    }
    const ssize_t received = ::recv(socket_, input_.data() + filled_, input_.size() - filled_, 0);
    if (received > 0) {
        filled_ += static_cast<std::size_t>(received);
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
    std::memmove(input_.data(), input_.data() + used_, filled_ - used_);
    filled_ -= std::exchange(used_, 0);
}

bool Connection::send(std::vector<iovec>& pieces, std::size_t& first) {
    while (first < pieces.size()) {
        msghdr message{};
        message.msg_iov = pieces.data() + first;
        message.msg_iovlen = std::min(pieces.size() - first, max_pieces);
        const ssize_t sent = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
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
