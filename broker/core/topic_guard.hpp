// Which routing keys of topic exchanges the user of a connection may write to and read from. Handed to the virtual host
// with the command RestrictTopics, because only there the type of an exchange is known; immutable, so that it may be
// asked on the strand while the session already works on the next one.
#pragma once

#include "protocol/error.hpp"

#include <memory>
#include <string_view>

namespace broker {

class TopicGuard {
 public:
    virtual ~TopicGuard() = default;
    virtual amqp::Result<> check_write(std::string_view exchange, std::string_view routing_key) const = 0; // publish
    virtual amqp::Result<> check_read(std::string_view exchange, std::string_view routing_key) const = 0;  // bind
};

using TopicGuardPtr = std::shared_ptr<const TopicGuard>;

} // namespace broker
