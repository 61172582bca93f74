// A message as the API shows it, and how a request wants it to be shown. Pure functions.
#pragma once

#include "protocol/message.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <limits>

namespace broker {

struct PayloadForm {
    bool base64 = false; // else as text, if it is text
    std::size_t truncate = std::numeric_limits<std::size_t>::max();
};

// `messages_left`: in the queue, behind it.
boost::json::object message_json(const amqp::Message& message, bool redelivered, std::uint64_t messages_left,
                                 const PayloadForm& form);

} // namespace broker
