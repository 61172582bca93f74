// A connection to the broker, logged in. Blocking while it is set up, non-blocking once begin() was called; used by one
// thread at a time. Whatever ends it is a std::runtime_error of one line.
#pragma once

#include "bench/transport.hpp"
#include "protocol/frame_parser.hpp"
#include "protocol/frame_writer.hpp"
#include "protocol/method_codec.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bench {

struct ConnectionOptions {
    Security security;
    std::size_t frame_max = 0;   // 0: what the broker offers
    std::uint16_t heartbeat = 0; // seconds
};

class Connection {
 public:
    Connection(const Uri& uri, const ConnectionOptions& options);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // --- setting up; deliveries must not have begun ---
    template <amqp::Method Answer, amqp::Method M>
    Answer call(const M& method, amqp::ChannelNumber number = 1) {
        send_method(method, number);
        return expect<Answer>();
    }
    template <amqp::Method M>
    void send_method(const M& method, amqp::ChannelNumber number) {
        std::string frame;
        amqp::write_method(frame, number, method);
        send_all(frame);
    }
    void open_channel(amqp::ChannelNumber number);
    void close(); // and waits for the answer
    void begin() { transport_->begin(); }

    // --- under way ---
    int descriptor() const { return transport_->descriptor(); }
    std::size_t frame_max() const { return frame_max_; }
    std::uint16_t heartbeat() const { return heartbeat_; } // as agreed
    // Reads once; false: nothing is there.
    bool receive();
    // The frames that are complete. The visitor says false to a frame that it will take later.
    template <class Visit>
    void take_frames(Visit visit) {
        while (const auto parsed = next_frame()) {
            if (!visit(parsed->frame)) {
                break;
            }
            used_ += parsed->size;
        }
        drop_used();
    }
    // Writes what the pieces hold and moves them on; false: the socket is full.
    bool send(std::vector<iovec>& pieces, std::size_t& first);

    [[noreturn]] void fail_on(const amqp::Frame& unexpected) const;
    [[noreturn]] void fail(const std::string& what) const;

 private:
    template <amqp::Method M>
    M expect() {
        const amqp::Frame frame = receive_blocking();
        const auto id = amqp::method_id(frame.payload);
        if (frame.type != amqp::FrameType::method || !id || *id != M::id) {
            fail_on(frame);
        }
        return amqp::decode_method<M>(frame.payload.substr(4)).value();
    }
    void log_in(const Uri& uri, const ConnectionOptions& options);
    void send_all(amqp::Bytes octets);
    amqp::Frame receive_blocking(); // valid until the next one
    std::optional<amqp::FrameParser::Parsed> next_frame();
    void drop_used();

    std::string where_; // host:port
    std::unique_ptr<Transport> transport_;
    std::size_t frame_max_ = 131'072;
    std::uint16_t heartbeat_ = 0;
    amqp::FrameParser parser_{0};
    std::vector<char> input_; // grows while reads fill it
    std::size_t used_ = 0;    // octets of input_ that have been taken
    std::size_t filled_ = 0;  // that have come
};

} // namespace bench
