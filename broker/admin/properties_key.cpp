#include "broker/admin/properties_key.hpp"

#include "broker/admin/target.hpp"
#include "broker/admin/text.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace broker {
namespace {

constexpr std::size_t hash_size = 16;

std::string hash(amqp::FieldTable arguments) {
    arguments.sort_by_key(); // their order is not part of a binding's identity
    const std::string encoded = arguments.encode();
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    EVP_Digest(encoded.data(), encoded.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    std::string text = encode_base64({reinterpret_cast<const char*>(digest.data()), hash_size});
    text.resize(text.find('='));
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return text;
}

// As encode_segment, but a space is '+', and '~' is escaped because it separates the hash.
std::string quote(std::string_view routing_key) {
    std::string quoted;
    for (const char character : routing_key) {
        if (character == ' ') {
            quoted.push_back('+');
        } else if (character == '~') {
            quoted.append("%7E");
        } else {
            quoted.append(encode_segment({&character, 1}));
        }
    }
    return quoted;
}

} // namespace

std::string properties_key(std::string_view routing_key, const amqp::FieldTable& arguments) {
    if (arguments.empty()) {
        return routing_key.empty() ? "~" : quote(routing_key);
    }
    return quote(routing_key) + '~' + hash(arguments);
}

bool has_properties_key(const BindingSnapshot& binding, std::string_view key) {
    return properties_key(binding.routing_key, binding.arguments) == key ||
           (binding.arguments.empty() && !key.empty() && binding.routing_key == key);
}

} // namespace broker
