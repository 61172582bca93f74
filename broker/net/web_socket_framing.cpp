#include "broker/net/web_socket_framing.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace broker {
namespace {

// A frame:  FIN RSV1-3 opcode(4) | MASK length(7) | length(16 or 64) of 126 or 127 | key(32) of MASK | payload
constexpr unsigned fin_bit = 0x80, reserved_bits = 0x70, opcode_bits = 0x0f;
constexpr unsigned mask_bit = 0x80, length_bits = 0x7f;
constexpr unsigned two_octets_follow = 126, eight_octets_follow = 127;
constexpr std::size_t key_size = 4;

template <class Octets>
std::uint64_t big_endian(const Octets& octets) {
    std::uint64_t value = 0;
    for (const auto octet : octets) {
        value = value << 8 | static_cast<std::uint8_t>(octet);
    }
    return value;
}

void append_big_endian(std::string& to, std::uint64_t value, std::size_t octets) {
    for (std::size_t i = octets; i-- > 0;) {
        to.push_back(static_cast<char>(value >> 8 * i));
    }
}

std::string frame_header(unsigned opcode, std::uint64_t length) {
    std::string header;
    header.push_back(static_cast<char>(fin_bit | opcode));
    if (length < two_octets_follow) {
        append_big_endian(header, length, 1);
    } else if (length <= UINT16_MAX) {
        append_big_endian(header, two_octets_follow, 1);
        append_big_endian(header, length, 2);
    } else {
        append_big_endian(header, eight_octets_follow, 1);
        append_big_endian(header, length, 8);
    }
    return header;
}

// What the key begins with is for the first octet; afterwards it is turned so that it fits what follows.
void unmask(std::span<char> octets, std::array<char, key_size>& key) {
    std::array<char, 2 * key_size> wide;
    std::copy_n(key.begin(), key_size, wide.begin());
    std::copy_n(key.begin(), key_size, wide.begin() + key_size);
    std::uint64_t wide_key = 0;
    std::memcpy(&wide_key, wide.data(), sizeof wide_key);
    std::size_t at = 0;
    for (; at + sizeof wide_key <= octets.size(); at += sizeof wide_key) {
        std::uint64_t word = 0;
        std::memcpy(&word, octets.data() + at, sizeof word);
        word ^= wide_key;
        std::memcpy(octets.data() + at, &word, sizeof word);
    }
    for (; at < octets.size(); ++at) {
        octets[at] = static_cast<char>(octets[at] ^ key[at % key_size]);
    }
    std::rotate(key.begin(), key.begin() + static_cast<std::ptrdiff_t>(octets.size() % key_size), key.end());
}

bool may_be_sent(std::uint64_t close_code) {
    return (close_code >= 1000 && close_code <= 1003) || (close_code >= 1007 && close_code <= 1014) ||
           (close_code >= 3000 && close_code <= 4999);
}

} // namespace

// --- in ---

std::size_t WebSocketFraming::unwrap(std::span<char> octets) {
    char* const begin = octets.data();
    char* end = begin;
    while (!octets.empty() && !ended_) {
        if (!in_payload_) {
            octets = octets.subspan(take_header(octets));
            continue;
        }
        const auto part = octets.first(std::min<std::uint64_t>(left_, octets.size()));
        unmask(part, mask_);
        if (is_control()) {
            control_.append(part.data(), part.size());
        } else {
            std::memmove(end, part.data(), part.size());
            end += part.size();
        }
        octets = octets.subspan(part.size());
        left_ -= part.size();
        if (left_ == 0) {
            on_end_of_frame();
        }
    }
    return static_cast<std::size_t>(end - begin);
}

std::size_t WebSocketFraming::header_size() const {
    if (header_taken_ < 2) {
        return 2;
    }
    const unsigned length = header_[1] & length_bits;
    return 2 + (length == two_octets_follow ? 2 : length == eight_octets_follow ? 8 : 0) + key_size;
}

std::size_t WebSocketFraming::take_header(std::span<const char> octets) {
    const std::size_t part = std::min(octets.size(), header_size() - header_taken_);
    std::memcpy(header_.data() + header_taken_, octets.data(), part);
    header_taken_ += part;
    if (header_taken_ == 2) {
        on_first_octets();
    } else if (header_taken_ == header_size()) {
        on_header();
    }
    return part;
}

void WebSocketFraming::on_first_octets() {
    const bool final = (header_[0] & fin_bit) != 0;
    const unsigned length = header_[1] & length_bits;
    opcode_ = static_cast<Opcode>(header_[0] & opcode_bits);
    if ((header_[0] & reserved_bits) != 0) {
        return fail(CloseCode::protocol_error, "a reserved bit is set, and no extension was agreed on");
    }
    if ((header_[1] & mask_bit) == 0) {
        return fail(CloseCode::protocol_error, "a frame is not masked");
    }
    switch (opcode_) {
    case Opcode::text:
        return fail(CloseCode::unsupported_data, "AMQP comes in binary messages, this is text");
    case Opcode::binary:
    case Opcode::continuation:
        if (in_message_ != (opcode_ == Opcode::continuation)) {
            return fail(CloseCode::protocol_error, "a message begins within another, or goes on without having begun");
        }
        in_message_ = !final;
        break;
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
        if (!final || length > max_control_payload) {
            return fail(CloseCode::protocol_error, "a control frame is fragmented or too long");
        }
        break;
    default:
        return fail(CloseCode::protocol_error, "no such opcode");
    }
}

void WebSocketFraming::on_header() {
    const unsigned first_length = header_[1] & length_bits;
    const auto length_octets = std::span(header_).subspan(2, header_taken_ - 2 - key_size);
    left_ = length_octets.empty() ? first_length : big_endian(length_octets);
    const bool shortest =
        length_octets.empty() || (length_octets.size() == 2 ? left_ >= two_octets_follow : left_ > UINT16_MAX);
    if (!shortest || left_ > INT64_MAX) {
        return fail(CloseCode::protocol_error, "a length is not in its shortest form, or negative");
    }
    std::memcpy(mask_.data(), header_.data() + header_taken_ - key_size, key_size);
    header_taken_ = 0;
    in_payload_ = true;
    if (left_ == 0) {
        on_end_of_frame();
    }
}

void WebSocketFraming::on_end_of_frame() {
    in_payload_ = false;
    const std::string control = std::exchange(control_, {});
    if (opcode_ == Opcode::ping) { // of several that wait, the last is answered
        pong_ = frame_header(static_cast<unsigned>(Opcode::pong), control.size()) + control;
    } else if (opcode_ == Opcode::close) {
        on_close(control);
    }
}

void WebSocketFraming::on_close(std::string_view payload) {
    if (!payload.empty() && (payload.size() < 2 || !may_be_sent(big_endian(payload.substr(0, 2))))) {
        return fail(CloseCode::protocol_error, "a close frame has no code that may be sent");
    }
    ended_ = true;
    close_code_ = payload.substr(0, 2);
}

void WebSocketFraming::fail(CloseCode code, std::string_view why) {
    ended_ = true;
    failure_ = why;
    close_code_.clear();
    append_big_endian(close_code_, static_cast<std::uint16_t>(code), 2);
}

// --- out ---

std::size_t WebSocketFraming::wrap(std::span<const iovec> payload, std::span<iovec> framed) {
    if (head_.empty() && payload_left_ == 0) {
        for (const iovec& piece : payload) {
            payload_left_ += piece.iov_len;
        }
        head_ = std::exchange(pong_, {});
        if (payload_left_ != 0) {
            head_ += frame_header(static_cast<unsigned>(Opcode::binary), payload_left_);
        }
    }
    std::size_t count = 0;
    if (!head_.empty()) {
        framed[count++] = {head_.data(), head_.size()};
    }
    std::uint64_t left = payload_left_;
    for (std::size_t i = 0; i < payload.size() && left != 0; ++i) {
        framed[count] = {payload[i].iov_base, std::min<std::uint64_t>(payload[i].iov_len, left)};
        left -= framed[count++].iov_len;
    }
    return count;
}

std::size_t WebSocketFraming::sent(std::size_t octets) {
    const std::size_t of_head = std::min(octets, head_.size());
    head_.erase(0, of_head);
    payload_left_ -= octets - of_head;
    return octets - of_head;
}

void WebSocketFraming::close() {
    pong_.clear();
    if (payload_left_ == 0) {
        head_ += frame_header(static_cast<unsigned>(Opcode::close), close_code_.size()) + close_code_;
    }
}

} // namespace broker
