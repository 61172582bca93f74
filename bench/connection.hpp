// A connection to the broker with one channel. Blocking while it is set up, non-blocking once begin() was called; used
// by one thread at a time. Whatever ends it is a std::runtime_error of one line.
#pragma once

#include "bench/options.hpp"
#include "protocol/frame_parser.hpp"
#include "protocol/frame_writer.hpp"
#include "protocol/method_codec.hpp"

#include <sys/uio.h>

#include <string>
#include <vector>

namespace bench {

class Connection {
 public:
    static constexpr amqp::ChannelNumber channel = 1;

    explicit Connection(const Uri& uri); // logged in, with its channel open
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // --- setting up ---
    template <amqp::Method Answer, amqp::Method M>
    Answer call(const M& method, amqp::ChannelNumber number = channel) {
        std::string frame;
        amqp::write_method(frame, number, method);
        send_all(frame);
        return expect<Answer>();
    }
    void begin();

    // --- under way ---
    int descriptor() const { return socket_; }
    std::size_t frame_max() const { return frame_max_; }
    // Reads once; false: nothing is there.
    bool receive();
    // The frames that are complete. Closes are answered by an exception, what else is not for the visitor is its
    // matter.
    template <class Visit>
    void take_frames(Visit visit) {
        while (const auto parsed = next_frame()) {
            used_ += parsed->size;
            visit(parsed->frame);
        }
        drop_used();
    }
    // Writes what the pieces hold and moves them on; false: the socket is full.
    bool send(std::vector<iovec>& pieces, std::size_t& first);

    [[noreturn]] void fail_on(const amqp::Frame& unexpected) const;

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
    void log_in(const Uri& uri);
    void connect(const Uri& uri);
    void send_all(amqp::Bytes octets);
    amqp::Frame receive_blocking(); // valid until the next one
    std::optional<amqp::FrameParser::Parsed> next_frame();
    void drop_used();
    [[noreturn]] void fail(const std::string& what) const;

    std::string where_; // host:port
    int socket_ = -1;
    std::size_t frame_max_ = 131'072;
    amqp::FrameParser parser_{0};
    std::vector<char> input_;
    std::size_t used_ = 0;   // octets of input_ that have been taken
    std::size_t filled_ = 0; // that have come
};

} // namespace bench
