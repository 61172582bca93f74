// PROXY headers from any octets: a header is found as soon as it is whole, never later, and what is behind it does not
// matter.
#include "broker/net/proxy_header.hpp"

#include "protocol/assert.hpp"

using broker::parse_proxy_header;
using broker::ProxyHeader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const ProxyHeader whole = parse_proxy_header(input);
    const bool complete = whole.status == ProxyHeader::Status::complete;
    LEVERET_ASSERT(!complete || (whole.size > 0 && whole.size <= size && whole.size <= ProxyHeader::max_size));
    LEVERET_ASSERT(whole.status != ProxyHeader::Status::incomplete || size < ProxyHeader::max_size);
    if (complete) {
        LEVERET_ASSERT(parse_proxy_header(input.substr(0, whole.size)).size == whole.size);
        for (std::size_t part = 0; part < whole.size; ++part) {
            LEVERET_ASSERT(parse_proxy_header(input.substr(0, part)).status == ProxyHeader::Status::incomplete);
        }
    }
    return 0;
}
