#include "broker/net/connection.hpp"

#include "broker/net/connection_events.hpp"
#include "broker/net/connection_log.hpp"
#include "broker/net/random.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace broker {

Connection::Connection(StreamSocket socket, Stream stream, SocketEnds ends, IoThread& thread, ConnectionHost& host)
    : socket_(std::move(socket)),
      ends_(std::move(ends)),
      stream_(std::move(stream)),
      thread_(thread),
      host_(host),
      session_(*this, host.authenticator(), host.session_config(),
               PeerInfo{ends_.name(), std::chrono::steady_clock::now()}, system_random()) {
    name = ends_.name();
    if (stream_.tls() != nullptr) {
        tls_deadline_ = std::chrono::steady_clock::now() + stream_.tls()->handshake_timeout();
    }
}

Connection::~Connection() {
    for (Mail* mail = mailbox_.load(); mail != nullptr;) {
        delete std::exchange(mail, mail->next);
    }
    if (virtual_host_ != nullptr) {
        host_.left(*virtual_host_, *user_);
    }
}

void Connection::start() {
    handshake_ = host_.pending_handshakes().take_place(
        ends_.address, std::chrono::steady_clock::now(), [self = weak_from_this(), &thread = thread_] {
            thread.post([self] {
                if (const auto connection = self.lock(); connection && connection->handshake_) {
                    connection->drop();
                }
            });
        });
    if (!handshake_) {
        return; // and this is the end of it
    }
    thread_.add(shared_from_this());
    session_.on_alarms(host_.alarms(), std::chrono::steady_clock::now()); // whoever changes them now will find us
    wait_readable();
}

// --- writing
// ----------------------------------------------------------------------------------------------------------

bool Connection::write_some() {
    std::array<iovec, Stream::max_pieces> pieces;
    const std::size_t count = session_.outbox().fill(pieces);
    const ssize_t sent = stream_.send(std::span(pieces).first(count));
    if (sent < 0) {
        if (errno == EINTR) {
            return true;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            wait_writable();
        } else {
            shut();
        }
        return false;
    }
    ++writes_;
    session_.outbox().consume(static_cast<std::size_t>(sent));
    return true;
}

void Connection::flush() {
    while (open_ && !writing_ && (!session_.outbox().empty() || stream_.has_output()) && write_some()) {
    }
    if (!open_) {
        return;
    }
    if (session_.outbox().bytes() <= max_unwritten_bytes / 2) {
        note_written();
    }
    if (closing_) {
        const auto now = std::chrono::steady_clock::now();
        const bool written = session_.outbox().empty() && !stream_.has_output();
        const auto latest = written ? close_at_ : close_at_ + last_words_limit;
        if (now >= latest) {
            shut();
        }
    }
}

void Connection::note_written() {
    if (unaccounted_ > 0 && count_written(std::exchange(unaccounted_, 0))) {
        session_.resume_deliveries();
    }
}

void Connection::wait_writable() {
    writing_ = true;
    socket_.async_wait(StreamSocket::wait_write,
                       [self = shared_from_this()](const boost::system::error_code& error) {
                           self->writing_ = false;
                           if (!error && self->open_) {
                               self->flush();
                               self->resume_input();
                               self->wait_readable();
                               self->thread_.end_turn();
                           }
                       });
}

// --- the virtual host
// -------------------------------------------------------------------------------------------------

Waker* Connection::deliver(EventBatch events) {
    auto* mail = new Mail{std::move(events), nullptr};
    Mail* head = mailbox_.load(std::memory_order_relaxed);
    IoThread& thread = thread_;
    do {
        mail->next = head;
    } while (!mailbox_.compare_exchange_weak(head, mail, std::memory_order_acq_rel, std::memory_order_relaxed));
    // Only who finds the mailbox empty puts us into the inbox, and only what is in the inbox is emptied: until we have
    // pushed, nobody can destroy us; afterwards we touch nothing of ourselves.
    return head == nullptr && thread.push(*this) ? &thread : nullptr;
}

void Connection::take_events() {
    const auto self = shared_from_this();
    Mail* newest_first = mailbox_.exchange(nullptr, std::memory_order_acq_rel);
    Mail* mail = nullptr;
    while (newest_first != nullptr) {
        Mail* next = newest_first->next;
        newest_first->next = mail;
        mail = std::exchange(newest_first, next);
    }
    const auto now = std::chrono::steady_clock::now();
    while (mail != nullptr) {
        const std::unique_ptr<Mail> current(std::exchange(mail, mail->next));
        for (const Event& event : current->events) {
            if (const auto* delivery = std::get_if<Deliver>(&event)) {
                unaccounted_ += weight(*delivery->message);
            } else if (const auto* pace = std::get_if<PublisherPace>(&event)) {
                set_pace(pace->slow);
            }
        }
        session_.on_events(std::move(current->events), now);
    }
    resume_input();
    flush();
    if (!open_) {
        note_written(); // to nobody; but the strand must not wait for it
    }
    if (!slowed_) {
        wait_readable();
    }
    remove_if_finished();
}

void Connection::set_pace(bool slow) {
    if (slow == slowed_ || !open_) {
        return;
    }
    slowed_ = slow;
    thread_.count_slowed(slow);
    if (!slow && pace_timer_) {
        pace_timer_->cancel();
    }
}

void Connection::set_alarms(const Alarms& alarms) {
    if (!open_) {
        return;
    }
    session_.on_alarms(alarms, std::chrono::steady_clock::now());
    resume_input();
    flush();
    wait_readable(); // slowed down or not: while a publish was held, the timer of the pace has come to nothing
}

void Connection::take_permissions() {
    if (open_) {
        session_.on_permissions_changed(std::chrono::steady_clock::now());
    }
}

void Connection::wait_for_pace() {
    if (!pace_timer_) {
        pace_timer_.emplace(thread_.context());
    }
    pace_timer_->expires_after(slow_read_interval);
    pace_timer_->async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) {
            self->wait_readable();
        }
    });
}

SessionSnapshot Connection::snapshot() const {
    SessionSnapshot snapshot = session_.snapshot();
    snapshot.reads = reads_;
    snapshot.writes = writes_;
    if (stream_.tls() != nullptr) {
        snapshot.tls = stream_.tls()->snapshot();
    }
    return snapshot;
}

amqp::Result<> Connection::open_virtual_host(std::string_view virtual_host_name) {
    const auto entered = host_.enter(virtual_host_name, *user_);
    if (entered.has_error()) {
        return entered.error();
    }
    virtual_host_ = *entered;
    user_name = user_->name;
    handshake_.reset();
    virtual_host_->attach(*this);
    if (host_.events().wanted()) {
        SessionSnapshot session = session_.snapshot();
        session.virtual_host = virtual_host_name;
        tell_created(host_.events(), {name, ends_}, session);
        told_ = true;
    }
    return {};
}

void Connection::submit(CommandBatch batch) {
    if (finished_submitted_) {
        return;
    }
    const auto* last = std::get_if<std::unique_ptr<BoxedRequest>>(&batch.back().what);
    finished_submitted_ = last != nullptr && std::holds_alternative<FinishConnection>((*last)->request);
    virtual_host_->submit(*this, std::move(batch));
}

// --- the end
// ----------------------------------------------------------------------------------------------------------

void Connection::close_socket(std::chrono::milliseconds delay) {
    closing_ = true;
    close_at_ = std::chrono::steady_clock::now() + delay;
}

void Connection::close(const amqp::Error& error) {
    if (virtual_host_ != nullptr && !finished_submitted_) {
        virtual_host_->run([this, error](VirtualHost& virtual_host) {
            if (virtual_host.connections().contains(this)) { // else it has gone meanwhile
                virtual_host.close_connection(*this, error);
            }
        });
    } else {
        shut();
    }
}

void Connection::shut() {
    if (!open_) {
        return;
    }
    set_pace(false);
    open_ = false;
    stream_.close();
    boost::system::error_code ignored;
    socket_.shutdown(StreamSocket::shutdown_both, ignored);
    socket_.close(ignored);
    session_.on_disconnected();
    note_written();
}

void Connection::on_tick(std::chrono::steady_clock::time_point now) {
    if (open_) {
        session_.on_tick(now);
        flush();
    }
    if (TlsStream* tls = stream_.tls(); open_ && tls != nullptr) {
        tls->release_memory();
        if (!tls->established() && now >= tls_deadline_) {
            connection_log().warn("connection {}: TLS: no end of the handshake in time", name);
            shut();
        }
    }
    remove_if_finished();
}

void Connection::remove_if_finished() {
    if (!open_ && session_.finished() && mailbox_.load(std::memory_order_acquire) == nullptr) {
        if (std::exchange(told_, false) && host_.events().wanted()) {
            tell_closed(host_.events(), name, session_.snapshot());
        }
        thread_.remove(*this);
    }
}

} // namespace broker
