#include "broker/net/proxy_header.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <string>

namespace broker {
namespace {

namespace ip = boost::asio::ip;
using Status = ProxyHeader::Status;

constexpr std::string_view text_start = "PROXY ";
constexpr std::size_t max_text_size = 107;
constexpr std::string_view signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t fixed_size = 16; // of version 2: signature, command, family, length

bool is_prefix(std::string_view octets, std::string_view of) {
    return octets.substr(0, of.size()) == of.substr(0, octets.size());
}

unsigned octet(std::string_view octets, std::size_t at) {
    return static_cast<unsigned char>(octets[at]);
}

std::uint16_t number(std::string_view octets, std::size_t at) {
    return static_cast<std::uint16_t>(octet(octets, at) << 8 | octet(octets, at + 1));
}

// A word and the space or end behind it.
std::string_view next_word(std::string_view& line) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    return word;
}

std::optional<std::uint16_t> port(std::string_view text) {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool plain = text == "0" || !text.starts_with('0');
    return error == std::errc() && end == text.data() + text.size() && plain ? std::optional(value) : std::nullopt;
}

std::optional<ip::address> address(std::string_view text, bool v6) {
    if (text.find_first_not_of("0123456789abcdefABCDEF.:") != std::string_view::npos) {
        return std::nullopt; // no scopes, for one: they mean something on the proxy only
    }
    boost::system::error_code error;
    const ip::address parsed = ip::make_address(std::string(text), error);
    return !error && parsed.is_v6() == v6 ? std::optional(parsed) : std::nullopt;
}

std::optional<ProxyHeader::Ends> text_ends(std::string_view line, bool v6) {
    const auto source = address(next_word(line), v6);
    const auto destination = address(next_word(line), v6);
    const auto source_port = port(next_word(line));
    const auto destination_port = port(line);
    if (!source || !destination || !source_port || !destination_port) {
        return std::nullopt;
    }
    return ProxyHeader::Ends{*source, *destination, *source_port, *destination_port};
}

ProxyHeader parse_text(std::string_view octets) {
    const std::size_t end = octets.substr(0, max_text_size).find("\r\n");
    if (end == std::string_view::npos) {
        return {octets.size() < max_text_size ? Status::incomplete : Status::malformed, 0, {}};
    }
    std::string_view line = octets.substr(text_start.size(), end - text_start.size());
    const std::size_t size = end + 2;
    const std::string_view family = next_word(line);
    if (family == "UNKNOWN") {
        return {Status::complete, size, {}};
    }
    if (family != "TCP4" && family != "TCP6") {
        return {};
    }
    auto ends = text_ends(line, family == "TCP6");
    return ends ? ProxyHeader{Status::complete, size, ends} : ProxyHeader{};
}

template <class Address>
ProxyHeader::Ends binary_ends(std::string_view octets) {
    typename Address::bytes_type source{}, destination{};
    std::copy_n(octets.begin(), source.size(), source.begin());
    std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(source.size()), destination.size(), destination.begin());
    return {Address(source), Address(destination), number(octets, 2 * source.size()),
            number(octets, 2 * source.size() + 2)};
}

ProxyHeader parse_binary(std::string_view octets) {
    constexpr unsigned local = 0x20, proxy = 0x21;                                       // version 2 and its commands
    constexpr unsigned unspecified = 0x00, tcp4 = 0x11, tcp6 = 0x21, unix_stream = 0x31; // family and protocol
    constexpr std::size_t tcp4_size = 12, tcp6_size = 36;
    if (octets.size() < fixed_size) {
        return {Status::incomplete, 0, {}};
    }
    const unsigned command = octet(octets, 12), family = octet(octets, 13);
    const std::size_t size = fixed_size + number(octets, 14);
    if ((command != local && command != proxy) || size > ProxyHeader::max_size) {
        return {};
    }
    if (octets.size() < size) {
        return {Status::incomplete, 0, {}};
    }
    const std::string_view addresses = octets.substr(fixed_size, size - fixed_size);
    if (command == local || family == unspecified || family == unix_stream) {
        return {Status::complete, size, {}};
    }
    if (family == tcp4 && addresses.size() >= tcp4_size) {
        return {Status::complete, size, binary_ends<ip::address_v4>(addresses)};
    }
    if (family == tcp6 && addresses.size() >= tcp6_size) {
        return {Status::complete, size, binary_ends<ip::address_v6>(addresses)};
    }
    return {};
}

} // namespace

ProxyHeader parse_proxy_header(std::string_view octets) {
    if (octets.starts_with(signature)) {
        return parse_binary(octets);
    }
    if (octets.starts_with(text_start)) {
        return parse_text(octets);
    }
    const bool may_become_one = is_prefix(octets, signature) || is_prefix(octets, text_start);
    return {may_become_one ? Status::incomplete : Status::malformed, 0, {}};
}

} // namespace broker
