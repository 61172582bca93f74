// Classes confirm and tx [K1, K11, C32]. They exclude each other.
#include "broker/session/channel.hpp"
#include "broker/session/return_collector.hpp"

#include <algorithm>
#include <utility>

namespace broker {

amqp::Result<> Channel::on(const amqp::confirm::Select& method) {
    if (mode_ == Mode::tx) {
        return amqp::precondition_failed("cannot switch from tx to confirm mode");
    }
    mode_ = Mode::confirm;
    echo<amqp::confirm::Select, amqp::confirm::SelectOk>(method.no_wait);
    return {};
}

amqp::Result<> Channel::on(const amqp::tx::Select&) {
    if (mode_ == Mode::confirm) {
        return amqp::precondition_failed("cannot switch from confirm to tx mode");
    }
    mode_ = Mode::tx;
    echo<amqp::tx::Select, amqp::tx::SelectOk>();
    return {};
}

amqp::Result<> Channel::add_to_transaction(Publish publish) {
    transaction_.bytes += publish.message->footprint();
    if (transaction_.bytes > Transaction::max_bytes && !transaction_.publishes.empty()) {
        std::string text = "transaction is larger than " + std::to_string(Transaction::max_bytes) + " octets";
        return amqp::make_error(amqp::ReplyCode::resource_error, std::move(text));
    }
    if (!publish.message->exchange().empty()) { // the default exchange takes everything
        CheckPublish check{publish.message, {}};
        if (publish.extra_keys != nullptr) {
            check.extra_keys = *publish.extra_keys;
        }
        request<amqp::basic::Publish>(std::move(check), true);
    }
    transaction_.publishes.push_back(std::move(publish));
    return {};
}

// Publishes first, then acknowledgements, each in the order in which they came.
amqp::Result<> Channel::on(const amqp::tx::Commit&) {
    if (mode_ != Mode::tx) {
        return amqp::precondition_failed("channel is not transactional");
    }
    for (Publish& publish : transaction_.publishes) {
        publish.in_transaction = true;
        submit(std::move(publish));
    }
    ReturnCollector requeued(Return::How::requeue);
    ReturnCollector discarded(Return::How::discard);
    for (Transaction::Settled& settled : transaction_.settled) {
        Consumer& consumer = *settled.delivery.consumer;
        switch (settled.settlement) {
        case Settlement::acknowledge:
            acknowledge(consumer, settled.delivery.unacked);
            break;
        case Settlement::requeue:
            requeued.add(consumer, std::move(settled.delivery.unacked));
            break;
        case Settlement::discard:
            discarded.add(consumer, std::move(settled.delivery.unacked));
            break;
        }
    }
    requeued.submit(number_, connection_.commands);
    discarded.submit(number_, connection_.commands);
    transaction_ = {};
    committing_ = true;
    request<amqp::tx::Commit>(CommitTransaction{});
    return {};
}

amqp::Result<> Channel::on(const amqp::tx::Rollback&) {
    if (mode_ != Mode::tx) {
        return amqp::precondition_failed("channel is not transactional");
    }
    roll_back();
    echo<amqp::tx::Rollback, amqp::tx::RollbackOk>();
    return {};
}

// Publishes are dropped; what was acknowledged is unacknowledged again, and may be once more.
void Channel::roll_back() {
    std::vector<Delivery> deliveries;
    deliveries.reserve(transaction_.settled.size());
    for (Transaction::Settled& settled : transaction_.settled) {
        deliveries.push_back(std::move(settled.delivery));
    }
    std::ranges::sort(deliveries, {}, &Delivery::tag);
    ledger_.restore(std::move(deliveries), connection_.now);
    transaction_ = {};
}

} // namespace broker
