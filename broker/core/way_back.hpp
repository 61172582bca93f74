// Where a dead letter came from: the queue where it died last, and the message as it was there, without the headers
// that tell of its deaths. Pure function; publishing it is somebody else's.
#pragma once

#include "protocol/message.hpp"

#include <optional>
#include <string>

namespace broker {

struct WayBack {
    std::string queue;
    // With exchange and routing key of its first publication, to be put straight into the queue or to be routed anew.
    // An expiration that it had does not come back: it would only die again.
    amqp::MessagePtr message;
};

// Nothing if it never died here: an x-death header of a publisher's own is not believed.
std::optional<WayBack> way_back(const amqp::Message& message);

} // namespace broker
