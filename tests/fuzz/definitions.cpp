// Definitions files: whatever is read, in full or for one virtual host, can be checked to the end.
#include "broker/admin/definitions.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/definitions_checks.hpp"
#include "protocol/assert.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>

using namespace broker;

namespace {

void check(const Definitions& definitions) {
    for (const auto& [name, host] : definitions.hosts) {
        for (const DeclareExchange& exchange : host.exchanges) {
            static_cast<void>(check_exchange(exchange, name));
        }
        static_cast<void>(check_bindings(host, predefined_objects()));
        static_cast<void>(check_counts(host, predefined_objects(), host.limits));
    }
    for (const auto& user : definitions.users) {
        LEVERET_ASSERT(!user.name.empty());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = decode_body({reinterpret_cast<const char*>(data), size});
    if (!body) {
        return 0;
    }
    for (const auto& virtual_host : {std::optional<std::string>(), std::optional<std::string>("/")}) {
        const auto definitions = read_definitions(*body, virtual_host);
        LEVERET_ASSERT(definitions.has_value() || !definitions.error().text.empty());
        if (definitions) {
            check(*definitions);
        }
    }
    return 0;
}
