// The answers that say nothing but that it is done: queue.bind-ok, tx.commit-ok, ... The virtual host tells only their
// id.
#pragma once

#include "broker/session/outbox.hpp"
#include "protocol/types.hpp"

namespace broker {

void write_constant_reply(Outbox& outbox, amqp::ChannelNumber channel, amqp::MethodId reply);

} // namespace broker
