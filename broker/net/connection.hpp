// A client's connection: moves bytes between its socket and its Session, and events from the virtual host's strand
// to the Session. Owned by its IoThread; lives on it. Only deliver() is called elsewhere, by the holder of the strand.
//
// Asio says when the socket is ready; recv and sendmsg are called directly (Asio's own operations move at most 64 KiB a
// step, which cost 15-50 % at bodies of 1 KiB and more).
//
// It goes when its socket is closed and the session has seen the end of what it began in the virtual host.
#pragma once

#include "broker/auth/authenticator.hpp"
#include "broker/core/connection_port.hpp"
#include "broker/core/virtual_host.hpp"
#include "broker/net/io_thread.hpp"
#include "broker/net/pending_handshakes.hpp"
#include "broker/net/read_allowance.hpp"
#include "broker/net/socket_ends.hpp"
#include "broker/net/stream.hpp"
#include "broker/session/session.hpp"
#include "broker/session/transport.hpp"

#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace broker {

// What connections need of the broker around them. Used from every network thread.
class ConnectionHost {
 public:
    virtual ~ConnectionHost() = default;
    virtual const SessionConfig& session_config() const = 0;
    virtual Authenticator& authenticator() = 0;
    virtual EventSink& events() = 0;
    virtual PendingHandshakes& pending_handshakes() = 0;
    virtual ReadAllowance& read_allowance() = 0;
    // The virtual host of that name, if the user may enter it now; errors are those of connection.open [P20].
    virtual amqp::Result<std::shared_ptr<VirtualHost>> enter(std::string_view virtual_host, const User& user) = 0;
    virtual void left(VirtualHost& virtual_host, const User& user) = 0; // undoes enter
    virtual amqp::Result<ChannelClaim> claim_channel(const User& user) = 0;
    virtual Alarms alarms() const = 0; // when they change, every connection is told
};

class Connection final : public ConnectionPort, public Transport, public std::enable_shared_from_this<Connection> {
 public:
    // The stream is one over the socket.
    Connection(StreamSocket socket, Stream stream, SocketEnds ends, IoThread& thread, ConnectionHost& host);
    ~Connection() override;

    void start();
    void on_tick(std::chrono::steady_clock::time_point now);
    bool wants_frequent_ticks() const {
        return closing_ || session_.wants_frequent_ticks() ||
               (stream_.tls() != nullptr && !stream_.tls()->established());
    }
    void take_events();

    void set_alarms(const Alarms& alarms);
    void take_permissions(); // some user's have changed

    const Session& session() const { return session_; }
    SessionSnapshot snapshot() const;
    const std::shared_ptr<VirtualHost>& virtual_host() const { return virtual_host_; }
    // Ends it from the broker's side, whatever state it is in.
    void close(const amqp::Error& error);
    void drop() { shut(); } // without a word

    // ConnectionPort, on the strand
    Waker* deliver(EventBatch events) override;

    // Transport
    std::string_view mechanisms() const override;
    void authenticate(std::string_view mechanism, std::string_view response) override;
    amqp::Result<> open_virtual_host(std::string_view name) override;
    amqp::Result<ChannelClaim> claim_channel(const User& user) override { return host_.claim_channel(user); }
    void submit(CommandBatch batch) override;
    void close_socket(std::chrono::milliseconds delay) override;

    // The inbox of the thread is a list through its connections.
    Connection* inbox_next() const { return inbox_next_; }
    void set_inbox_next(Connection* next) { inbox_next_ = next; }

 private:
    struct Mail {
        EventBatch events;
        Mail* next = nullptr;
    };

    void wait_readable();
    void on_readable();
    void on_wait_ended(const boost::system::error_code& error);
    bool receive(); // one read; true: there is more, and the other connections can wait for it
    void warn_of_first(amqp::Bytes input) const;
    void resume_input(); // what was left when the session had to wait for something
    void flush();
    bool write_some(); // false: the socket is full or gone
    void wait_writable();
    void note_written();
    void set_pace(bool slow);
    void wait_for_pace();
    void on_authenticated(std::string_view mechanism, AuthResult result);
    void shut(); // closes the socket now
    void remove_if_finished();

    // Beyond this much unread output the peer is not read either: whoever does not listen shall not ask.
    static constexpr std::size_t max_outbox_bytes = 4 << 20;
    // Of a turn; together they are about one of the whole buffer.
    static constexpr int max_reads_of_bodies = 4;
    static constexpr std::size_t read_behind_body = 2048;
    // All that is read with the first publish of an alarm is taken in [L3a], from every publisher.
    static constexpr std::size_t read_during_alarm = 16 << 10;
    // So long a peer may take to read our last words.
    static constexpr std::chrono::seconds last_words_limit{10};
    // A publisher that is slowed down is still read this often, once: nobody is held for ever.
    static constexpr std::chrono::milliseconds slow_read_interval{10};

    StreamSocket socket_;
    const SocketEnds ends_;
    Stream stream_;
    std::chrono::steady_clock::time_point tls_deadline_{}; // of its handshake
    IoThread& thread_;
    ConnectionHost& host_;
    Session session_;
    PendingHandshakes::Place handshake_; // until it is over
    std::shared_ptr<VirtualHost> virtual_host_;
    UserPtr user_;
    std::string partial_;         // a frame of which not all has come, or all that the session has not taken yet
    bool held_ = false;           // the latter
    bool large_bodies_ = false;   // come, as far as the last reads tell
    std::size_t unaccounted_ = 0; // deliveries in the outbox, by ConnectionPort::weight
    std::uint64_t bytes_received_ = 0;
    std::uint64_t reads_ = 0, writes_ = 0;
    bool reading_ = false; // a wait for readability is on
    bool writing_ = false; // a wait for writability is on
    bool open_ = true;     // the socket is
    bool closing_ = false; // no more reading; closed once the outbox is written
    bool slowed_ = false;  // publishes faster than its consumers take: see Queue::overrun
    std::optional<boost::asio::steady_timer> pace_timer_; // made when first needed
    bool told_ = false;                                   // events have told of it: its end is told, too
    bool finished_submitted_ = false;                     // nothing may be submitted after FinishConnection
    std::chrono::steady_clock::time_point close_at_{};

    std::atomic<Mail*> mailbox_{nullptr};
    Connection* inbox_next_ = nullptr;
};

} // namespace broker
