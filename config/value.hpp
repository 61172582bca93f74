// How the values of rabbitmq.conf are written: numbers, sizes with units, booleans, addresses, names of levels.
// Plain functions without state: parse_ gives nothing when the text is not of that form, show_ writes what parse_
// reads.
#pragma once

#include "config/settings.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace config {

std::optional<std::uint64_t> parse_integer(std::string_view text);
std::optional<double> parse_number(std::string_view text);
std::optional<bool> parse_boolean(std::string_view text); // true, false, on, off

// Bytes, as RabbitMQ counts them since 3.13: k, M, G, T, P and kB, MB, ... are powers of 1000, Ki, Mi, ... and KiB,
// MiB, ... powers of 1024; case does not matter.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string show_size(std::uint64_t bytes); // the largest unit that divides it

bool is_ip_address(std::string_view text);
std::optional<Endpoint> parse_endpoint(std::string_view text); // PORT, IPv4:PORT, [IPv6]:PORT or IPv6:PORT
std::string show_endpoint(const Endpoint& endpoint);

template <class Enum, std::size_t Count>
using Names = std::array<std::pair<std::string_view, Enum>, Count>;

inline constexpr Names<LogLevel, 7> log_level_names{{{"debug", LogLevel::debug},
                                                     {"info", LogLevel::info},
                                                     {"notice", LogLevel::notice},
                                                     {"warning", LogLevel::warning},
                                                     {"error", LogLevel::error},
                                                     {"critical", LogLevel::critical},
                                                     {"none", LogLevel::none}}};
inline constexpr Names<LogFormat, 2> log_format_names{{{"plaintext", LogFormat::plaintext}, {"json", LogFormat::json}}};
inline constexpr Names<QueueType, 3> queue_type_names{
    {{"classic", QueueType::classic}, {"quorum", QueueType::quorum}, {"stream", QueueType::stream}}};
inline constexpr Names<bool, 2> tls_verify_names{{{"verify_none", false}, {"verify_peer", true}}};
inline constexpr Names<CertificateField, 3> certificate_field_names{
    {{"distinguished_name", CertificateField::distinguished_name},
     {"common_name", CertificateField::common_name},
     {"subject_alternative_name", CertificateField::subject_alternative_name}}};
inline constexpr Names<AlternativeName, 4> alternative_name_names{{{"dns", AlternativeName::dns},
                                                                   {"ip", AlternativeName::ip},
                                                                   {"email", AlternativeName::email},
                                                                   {"uri", AlternativeName::uri}}};

} // namespace config
