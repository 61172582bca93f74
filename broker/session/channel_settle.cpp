// The end of deliveries [basic.ack] [basic.nack] [basic.reject] [basic.recover].
#include "broker/session/channel.hpp"
#include "broker/session/return_collector.hpp"

namespace broker {

namespace {

Return::How how_to_return(Transaction::Settlement settlement) {
    return settlement == Transaction::Settlement::requeue ? Return::How::requeue : Return::How::discard;
}

} // namespace

amqp::Result<> Channel::on(const amqp::basic::Ack& method) {
    return settle(method.delivery_tag, method.multiple, Settlement::acknowledge);
}

amqp::Result<> Channel::on(const amqp::basic::Reject& method) {
    return settle(method.delivery_tag, false, method.requeue ? Settlement::requeue : Settlement::discard);
}

amqp::Result<> Channel::on(const amqp::basic::Nack& method) {
    return settle(method.delivery_tag, method.multiple, method.requeue ? Settlement::requeue : Settlement::discard);
}

amqp::Result<> Channel::settle(amqp::DeliveryTag tag, bool multiple, Settlement settlement) {
    const bool all = multiple && tag == 0;
    if (!all && !ledger_.contains(tag)) {
        return amqp::precondition_failed("unknown delivery tag " + std::to_string(tag)); // [C21]
    }
    if (mode_ == Mode::tx) {
        settle_in_transaction(tag, multiple, settlement);
    } else {
        settle_now(tag, multiple, settlement);
    }
    return {};
}

template <class Visit>
void Channel::take(amqp::DeliveryTag tag, bool multiple, Visit&& visit) {
    if (!multiple) {
        ledger_.take(tag, visit);
    } else if (tag == 0) {
        ledger_.take_all(visit);
    } else {
        ledger_.take_up_to(tag, visit);
    }
}

void Channel::settle_now(amqp::DeliveryTag tag, bool multiple, Settlement settlement) {
    if (settlement == Settlement::acknowledge) {
        take(tag, multiple,
             [&](Consumer& consumer, Unacked&& unacked, amqp::DeliveryTag) { acknowledge(consumer, unacked); });
        return;
    }
    ReturnCollector returns(how_to_return(settlement));
    take(tag, multiple,
         [&](Consumer& consumer, Unacked&& unacked, amqp::DeliveryTag) { returns.add(consumer, std::move(unacked)); });
    returns.submit(number_, connection_.commands);
}

void Channel::settle_in_transaction(amqp::DeliveryTag tag, bool multiple, Settlement settlement) {
    take(tag, multiple, [&](Consumer& consumer, Unacked&& unacked, amqp::DeliveryTag taken) {
        transaction_.settled.push_back({{taken, &consumer, std::move(unacked)}, settlement});
    });
}

// Acknowledgements of a turn that follow each other, in the queue as on the channel, become one command.
void Channel::acknowledge(Consumer& consumer, const Unacked& unacked) {
    constexpr std::size_t reach = 4; // a few consumers may take turns
    ++counters_.ack;
    const std::uint64_t body_bytes = unacked.message->body_size();
    CommandBatch& commands = connection_.commands;
    for (std::size_t back = 1; back <= reach && back <= commands.size(); ++back) {
        Command& command = commands[commands.size() - back];
        Settle* const last = std::get_if<Settle>(&command.what);
        if (last == nullptr || command.channel != number_) {
            break;
        }
        if (last->consumer == &consumer) {
            if (last->first + last->count != unacked.sequence) {
                break;
            }
            ++last->count;
            last->body_bytes += body_bytes;
            return;
        }
    }
    submit(Settle{&consumer, unacked.sequence, 1, body_bytes});
}

amqp::Result<> Channel::on(const amqp::basic::RecoverAsync& method) {
    if (!method.requeue) {
        return amqp::not_implemented("requeue=false"); // [C22]
    }
    requeue_all();
    return {};
}

amqp::Result<> Channel::on(const amqp::basic::Recover& method) {
    if (!method.requeue) {
        return amqp::not_implemented("requeue=false");
    }
    requeue_all();
    echo<amqp::basic::Recover, amqp::basic::RecoverOk>();
    return {};
}

void Channel::requeue_all() {
    settle_now(0, true, Settlement::requeue);
}

void Channel::return_all() {
    roll_back();
    requeue_all();
}

} // namespace broker
