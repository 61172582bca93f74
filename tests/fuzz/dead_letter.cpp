// What a hostile publisher can put into a message and the broker looks at: the rules of publishing, and death after
// death with an x-death header of its own.
#include "broker/core/dead_letter.hpp"

#include "broker/session/publish_rules.hpp"
#include "protocol/assert.hpp"
#include "protocol/properties.hpp"
#include "tests/fuzz/input.hpp"

using namespace broker;

namespace {

constexpr int deaths = 3;

void die(amqp::MessagePtr message, bool with_key) {
    for (int i = 0; i < deaths; ++i) {
        const Death death{static_cast<DeathReason>(i), i == 1 ? "other" : "queue", "exchange",
                          with_key ? std::optional<std::string_view>("key") : std::nullopt, 1'700'000'000'000 + i};
        DeadLetter letter = make_dead_letter(*message, death);
        LEVERET_ASSERT(letter.message != nullptr && letter.message->body() == message->body());
        LEVERET_ASSERT(death.reason != DeathReason::expired ||
                       letter.message->expiration_ms() == amqp::Message::no_expiration);
        const auto properties = amqp::BasicProperties::decode(letter.message->properties());
        LEVERET_ASSERT(properties.has_value() && properties->headers && properties->headers->contains("x-death"));
        message = std::move(letter.message);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const bool with_key = input.octet() % 2 == 1;
    amqp::MessageBuilder builder;
    if (!builder.begin("exchange", "key", input.rest(), 0)) {
        return 0;
    }
    amqp::MessagePtr message = builder.finish();
    die(message, with_key);

    User user;
    user.name = "guest";
    const auto extra_keys = apply_publish_rules(message, user, "amq.rabbitmq.reply-to.address");
    if (extra_keys) {
        const auto properties = amqp::PropertiesView::decode(message->properties());
        LEVERET_ASSERT(properties.has_value());
        die(message, with_key);
    }
    return 0;
}
