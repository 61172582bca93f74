// All methods, and which of them a server accepts where. Each class has its own list in amqp::<class>::Methods.
#pragma once

#include "protocol/methods/access.hpp"
#include "protocol/methods/basic.hpp"
#include "protocol/methods/channel.hpp"
#include "protocol/methods/confirm.hpp"
#include "protocol/methods/connection.hpp"
#include "protocol/methods/exchange.hpp"
#include "protocol/methods/queue.hpp"
#include "protocol/methods/tx.hpp"

#include <boost/mp11/list.hpp>

namespace amqp {

using AllMethods = boost::mp11::mp_append<connection::Methods, channel::Methods, access::Methods, exchange::Methods,
                                          queue::Methods, basic::Methods, confirm::Methods, tx::Methods>;

// What a server accepts on channel 0.
using ServerConnectionMethods =
    MethodList<connection::StartOk, connection::SecureOk, connection::TuneOk, connection::Open, connection::Close,
               connection::CloseOk, connection::UpdateSecret>;

// What a server accepts on all other channels. basic.cancel-ok answers the server's own basic.cancel.
using ServerChannelMethods =
    MethodList<channel::Open, channel::Flow, channel::Close, channel::CloseOk, access::Request, exchange::Declare,
               exchange::Delete, exchange::Bind, exchange::Unbind, queue::Declare, queue::Bind, queue::Purge,
               queue::Delete, queue::Unbind, basic::Qos, basic::Consume, basic::Cancel, basic::CancelOk, basic::Publish,
               basic::Get, basic::Ack, basic::Reject, basic::RecoverAsync, basic::Recover, basic::Nack, confirm::Select,
               tx::Select, tx::Commit, tx::Rollback>;

} // namespace amqp
