// How a Connection reads. The rest of it is in connection.cpp.
#include "broker/net/connection.hpp"
#include "broker/net/connection_log.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace broker {

namespace asio = boost::asio;

void Connection::wait_readable() {
    // While the session takes nothing, nothing is read: what a peer sends meanwhile waits in its socket.
    if (reading_ || !open_ || session_.outbox().bytes() > max_outbox_bytes || stream_.is_clogged() ||
        (!closing_ && !session_.wants_input())) {
        return;
    }
    reading_ = true;
    if (stream_.has_input()) {
        asio::post(thread_.context(), [self = shared_from_this()] { self->on_wait_ended({}); });
        return;
    }
    socket_.async_wait(StreamSocket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
        self->on_wait_ended(error);
    });
}

void Connection::on_wait_ended(const boost::system::error_code& error) {
    reading_ = false;
    // In an alarm the session holds who publishes.
    if (!error && !session_.alarmed() && host_.read_allowance().used_up()) {
        wait_for_pace();
    } else if (!error) {
        on_readable();
        thread_.end_turn();
    }
}

void Connection::on_readable() {
    if (open_) {
        for (int reads = 1; receive() && reads < max_reads_of_bodies; ++reads) {
        }
        session_.submit();
        flush();
        if (slowed_) {
            wait_for_pace();
        } else {
            wait_readable();
        }
    }
    remove_if_finished();
}

// Where large bodies come, each is received into its message, and with it only so much that the next one's beginning is
// found: what goes through the buffer is copied once more, a quarter of what the broker does for a body of 64 KiB.
bool Connection::receive() {
    std::vector<char>& buffer = thread_.read_buffer();
    std::copy(partial_.begin(), partial_.end(), buffer.begin());
    const std::size_t kept = partial_.size();
    std::span<char> body = stream_.is_plain() ? session_.body_room() : std::span<char>();
    std::span<char> rest = std::span(buffer).subspan(kept);
    if (large_bodies_) {
        rest = rest.first(std::min(rest.size(), read_behind_body));
    } else if (session_.alarmed()) {
        rest = rest.first(std::min(rest.size(), read_during_alarm));
    }
    if (slowed_) {
        body = body.first(std::min(body.size(), thread_.share_of_slowed()));
        rest = rest.first(std::min(rest.size(), thread_.share_of_slowed()));
    }
    std::array<iovec, 2> pieces{{{body.data(), body.size()}, {rest.data(), rest.size()}}};
    const ssize_t received = body.empty() ? stream_.receive(rest.data(), rest.size()) : stream_.receive(pieces);
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return false;
    }
    if (received <= 0) {
        if (const std::string failure = stream_.failure(); !failure.empty()) {
            connection_log().warn("connection {}: {}", name, failure);
        } else if (!closing_) { // a warning only where the handshake had been made: probes of the port come and go
            connection_log().log(virtual_host_ ? spdlog::level::warn : spdlog::level::debug,
                                 "closing AMQP connection ({}): client unexpectedly closed TCP connection", name);
        }
        shut();
        return false;
    }
    bytes_received_ += static_cast<std::uint64_t>(received);
    host_.read_allowance().use(static_cast<std::size_t>(received));
    ++reads_;
    if (closing_) {
        return false; // read and thrown away: the peer shall see our last words, not a reset
    }
    const std::size_t of_body = std::min(static_cast<std::size_t>(received), body.size());
    if (of_body != 0) {
        session_.body_filled(of_body);
    }
    const amqp::Bytes input(buffer.data(), kept + static_cast<std::size_t>(received) - of_body);
    if (bytes_received_ == input.size()) {
        warn_of_first(input);
    }
    const std::size_t used = session_.on_bytes(input, std::chrono::steady_clock::now());
    partial_.assign(input.substr(used));
    held_ = !session_.wants_input();
    if (partial_.empty() && partial_.capacity() > 4096) {
        partial_.shrink_to_fit(); // an idle connection shall cost little
    }
    const bool filled = static_cast<std::size_t>(received) == body.size() + rest.size();
    const bool in_body = stream_.is_plain() && !session_.body_room().empty();
    large_bodies_ = in_body || !body.empty() || (large_bodies_ && !filled);
    return large_bodies_ && filled && !held_ && !slowed_;
}

// [P2] What is no AMQP is refused by the session; here somebody is told what it was.
void Connection::warn_of_first(amqp::Bytes input) const {
    constexpr amqp::Bytes client_hello{"\x16\x03", 2};
    if (input.starts_with(client_hello)) {
        connection_log().warn("connection {}: the client speaks TLS on a listener without TLS", name);
    } else if (input.starts_with("GET ")) {
        connection_log().warn("connection {}: the client speaks HTTP on a listener of AMQP", name);
    }
}

void Connection::resume_input() {
    if (!held_ || !open_ || !session_.wants_input() || session_.outbox().bytes() > max_outbox_bytes) {
        return;
    }
    const std::string input = std::exchange(partial_, {});
    partial_ = input.substr(session_.on_bytes(input, std::chrono::steady_clock::now()));
    session_.submit();
    held_ = !session_.wants_input();
}

} // namespace broker
