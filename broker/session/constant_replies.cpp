#include "broker/session/constant_replies.hpp"

#include "protocol/assert.hpp"
#include "protocol/methods.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/utility.hpp>

namespace broker {

namespace {

using namespace amqp;

using ConstantReplies =
    boost::mp11::mp_list<channel::OpenOk, channel::FlowOk, access::RequestOk, exchange::DeclareOk, exchange::DeleteOk,
                         exchange::BindOk, exchange::UnbindOk, queue::BindOk, queue::UnbindOk, basic::QosOk,
                         basic::RecoverOk, confirm::SelectOk, tx::SelectOk, tx::CommitOk, tx::RollbackOk>;

template <class M>
constexpr M constant = {};
template <>
constexpr channel::FlowOk constant<channel::FlowOk> = {.active = true};
template <>
constexpr access::RequestOk constant<access::RequestOk> = {.ticket = 1};

} // namespace

void write_constant_reply(Outbox& outbox, ChannelNumber channel, MethodId reply) {
    bool written = false;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, ConstantReplies>>(
        [&]<class M>(boost::mp11::mp_identity<M>) {
            if (M::id == reply) {
                outbox.write(channel, constant<M>);
                written = true;
            }
        });
    LEVERET_ASSERT(written);
}

} // namespace broker
