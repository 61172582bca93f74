#include "broker/admin/admin_client.hpp"

#include <iterator>

namespace broker {

AdminClient::AdminClient(Api& api, VirtualHostPtr virtual_host, const User& user)
    : io_(api.io),
      virtual_host_(std::move(virtual_host)) {
    name = "HTTP API";
    user_name = user.name;
    administrative = true;
}

std::shared_ptr<AdminClient> AdminClient::open(Api& api, VirtualHostPtr virtual_host, const User& user) {
    const std::shared_ptr<AdminClient> client(new AdminClient(api, std::move(virtual_host), user));
    client->self_ = client;
    client->virtual_host_->attach(*client);
    client->add(OpenChannel{});
    return client;
}

void AdminClient::add(Request request) {
    commands_.push_back({channel, std::make_unique<BoxedRequest>(BoxedRequest{{}, false, std::move(request)})});
}

void AdminClient::add(Publish publish) {
    commands_.push_back({channel, std::move(publish)});
}

void AdminClient::add(Settle settle) {
    commands_.push_back({channel, std::move(settle)});
}

void AdminClient::add(Return returned) {
    commands_.push_back({channel, std::move(returned)});
}

void AdminClient::submit() {
    virtual_host_->submit(*this, std::exchange(commands_, {}));
}

bool AdminClient::done() const {
    return closed_ || (!closing_ && (error_ || answers_ >= answers_wanted_));
}

boost::asio::awaitable<void> AdminClient::run(std::size_t answers) {
    const auto self = shared_from_this();
    answers_wanted_ = answers + 1; // and that of opening the channel
    submit();
    if (!done()) {
        co_await wait_for<bool>(io_, [this](std::function<void(bool)> resume) { waiting_ = std::move(resume); });
    }
}

boost::asio::awaitable<void> AdminClient::close() {
    const auto self = shared_from_this();
    closing_ = true;
    add(FinishConnection{});
    submit();
    if (!done()) {
        co_await wait_for<bool>(io_, [this](std::function<void(bool)> resume) { waiting_ = std::move(resume); });
    }
}

Waker* AdminClient::deliver(EventBatch events) {
    boost::asio::io_context& io = *io_;
    const bool last = std::holds_alternative<ConnectionClosed>(events.back());
    // After the last one nobody but the HTTP thread may own this.
    auto self = last ? std::move(self_) : shared_from_this();
    boost::asio::post(
        io, [self = std::move(self), events = std::move(events)]() mutable { self->take(std::move(events)); });
    return nullptr;
}

void AdminClient::take(EventBatch events) {
    for (Event& event : events) {
        if (std::holds_alternative<Replied>(event) || std::holds_alternative<GetOk>(event) ||
            std::holds_alternative<Confirmed>(event)) {
            ++answers_;
        } else if (auto* failed = std::get_if<ChannelFailed>(&event)) {
            error_ = std::move(failed->failure->error);
        } else if (auto* connection_failed = std::get_if<ConnectionFailed>(&event)) {
            error_ = std::move(connection_failed->failure->error);
        } else if (std::holds_alternative<ConnectionClosed>(event)) {
            closed_ = true;
        }
    }
    std::move(events.begin(), events.end(), std::back_inserter(events_));
    if (waiting_ && done()) {
        std::exchange(waiting_, {})(true);
    }
}

boost::asio::awaitable<amqp::Result<std::optional<Reply>>> perform(Api& api, VirtualHostPtr virtual_host,
                                                                   const User& user, Request request) {
    const auto client = AdminClient::open(api, std::move(virtual_host), user);
    client->add(std::move(request));
    co_await client->close();
    if (client->error()) {
        co_return *client->error();
    }
    std::optional<Reply> reply;
    for (Event& event : client->events()) {
        if (auto* replied = std::get_if<Replied>(&event)) {
            reply = std::move(*replied->reply); // the last one: the first is that of opening the channel
        }
    }
    co_return reply;
}

} // namespace broker
