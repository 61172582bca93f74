// Property lists from any octets: both decoders and the message builder agree, and encoding is the inverse of decoding.
#include "protocol/properties.hpp"

#include "protocol/assert.hpp"
#include "protocol/message.hpp"

#include <string>

using namespace amqp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes input(reinterpret_cast<const char*>(data), size);
    const Result<PropertiesView> view = PropertiesView::decode(input);
    const Result<BasicProperties> properties = BasicProperties::decode(input);
    LEVERET_ASSERT(view.has_value() == properties.has_value());

    MessageBuilder builder;
    LEVERET_ASSERT(builder.begin("exchange", "key", input, 0).has_value() == view.has_value());
    if (!view) {
        return 0;
    }
    const MessagePtr message = builder.finish();
    LEVERET_ASSERT(message->properties() == input);
    LEVERET_ASSERT(message->persistent() == (view->delivery_mode == 2));
    LEVERET_ASSERT(message->has_headers() == view->headers.has_value());
    LEVERET_ASSERT(message->expiration_ms() >= Message::no_expiration);

    const std::string encoded = properties->encode();
    LEVERET_ASSERT(encoded.size() == size);
    const Result<BasicProperties> again = BasicProperties::decode(encoded);
    LEVERET_ASSERT(again.has_value() && *again == *properties);
    return 0;
}
