// Method payloads from any octets: what can be decoded is what its encoding decodes to.
#include "protocol/assert.hpp"
#include "protocol/method_text.hpp"

#include <string>

using namespace amqp;

namespace {

struct RoundTrip {
    Bytes payload;

    template <Method M>
    Result<> on(const M& method) {
        std::string encoded;
        encode_method(encoded, method);
        LEVERET_ASSERT(encoded.size() == payload.size()); // they may differ in unused bits only
        const Result<M> again = decode_method<M>(Bytes(encoded).substr(4));
        LEVERET_ASSERT(again.has_value());
        using Fields = boost::describe::describe_members<M, boost::describe::mod_public>;
        boost::mp11::mp_for_each<Fields>(
            [&](auto field) { LEVERET_ASSERT((*again).*field.pointer == method.*field.pointer); });
        LEVERET_ASSERT(to_text(method).find('\n') == std::string::npos);
        return {};
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes payload(reinterpret_cast<const char*>(data), size);
    const bool known = dispatch<AllMethods>(payload, RoundTrip{payload}).has_value();
    const bool accepted = dispatch<ServerChannelMethods>(payload, RoundTrip{payload}).has_value() ||
                          dispatch<ServerConnectionMethods>(payload, RoundTrip{payload}).has_value();
    LEVERET_ASSERT(known || !accepted);
    return 0;
}
