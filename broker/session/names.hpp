// The names that the server makes up: amq.gen-... for queues, amq.ctag-... for consumers [C1],
// amq.rabbitmq.reply-to... for those who wait for replies [D2].
#pragma once

#include "broker/session/random_source.hpp"

#include <string>
#include <string_view>

namespace broker {

// `prefix`, a hyphen, and 16 random octets in base64url (22 characters).
std::string make_name(std::string_view prefix, RandomSource& random);

// An address for direct reply-to, in the form of RabbitMQ's: prefix.CHANNEL.KEY. Both parts are random, 256 bits in
// all: whoever knows it may reply.
std::string make_reply_address(RandomSource& random);

// Names of queues and exchanges as RabbitMQ takes them: without carriage returns and line feeds [C1].
std::string clean_name(std::string_view name);

} // namespace broker
