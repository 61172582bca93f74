// WebSocket's frames around the octets of one connection, the server's side [RFC 6455]: takes binary messages apart and
// puts one around each gathered write. Part of a Stream, on its connection's network thread; no I/O.
//
// Nothing of a message is kept: its payload is handed on where it lies, in whatever pieces it comes, so a message may
// be of any length. What AMQP has to say about lengths is said by AMQP.
#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace broker {

class WebSocketFraming {
 public:
    // --- in ---
    // Moves the payload among the octets that have come to their beginning; how much there is of it.
    std::size_t unwrap(std::span<char> octets);
    bool ended() const { return ended_; } // the peer has said good-bye or made a mistake: no payload comes any more
    std::string_view failure() const { return failure_; } // the mistake

    // --- out ---
    // Fills `framed`, which has room for one piece more, with what is to be sent: pieces of the payload, perhaps not
    // all, and what goes before them. It is valid until the next call.
    std::size_t wrap(std::span<const iovec> payload, std::span<iovec> framed);
    // So many octets of that have been sent; how many of them were payload.
    std::size_t sent(std::size_t octets);
    bool has_output() const { return !head_.empty() || (payload_left_ == 0 && !pong_.empty()); } // of its own
    void close(); // good-bye is the last thing to be sent; in the middle of a message nothing can be said

 private:
    enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
    enum class CloseCode : std::uint16_t { normal = 1000, protocol_error = 1002, unsupported_data = 1003 };

    static constexpr std::size_t max_control_payload = 125;

    std::size_t take_header(std::span<const char> octets); // as much as belongs to it
    std::size_t header_size() const;                       // as far as that is known
    void on_first_octets();
    void on_header();
    void on_end_of_frame();
    void on_close(std::string_view payload);
    void fail(CloseCode code, std::string_view why);
    bool is_control() const { return opcode_ >= Opcode::close; }

    std::array<std::uint8_t, 14> header_{}; // of the frame that is being read
    std::size_t header_taken_ = 0;
    bool in_payload_ = false;
    bool in_message_ = false; // which goes on in another frame
    Opcode opcode_ = Opcode::binary;
    std::array<char, 4> mask_{};
    std::uint64_t left_ = 0; // of the frame's payload
    std::string control_;    // payload of a control frame, as much as has come
    bool ended_ = false;
    std::string_view failure_;

    std::string head_;                      // what goes before the payload
    std::uint64_t payload_left_ = 0;        // of the message that is being sent
    std::string pong_;                      // waits for the end of that
    std::string close_code_{"\x03\xe8", 2}; // said at the end: 1000, the peer's own or that of its mistake
};

} // namespace broker
