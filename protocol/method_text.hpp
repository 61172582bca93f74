// Methods as text for logs:  queue.declare{queue=q, durable=true}
// Left out: reserved fields, bits that are not set, empty strings and tables. Never printed: what proves who a client
// is.
#pragma once

#include "protocol/method_codec.hpp"

#include <string>
#include <string_view>

namespace amqp {

namespace detail {

class MethodText {
 public:
    explicit MethodText(std::string_view method);

    void add(std::string_view field, bool value);
    void add(std::string_view field, std::uint64_t value);
    void add(std::string_view field, std::string_view value);
    void add(std::string_view field, EncodedTable value);
    std::string finish() &&;

 private:
    std::string& begin(std::string_view field);

    std::string text_;
    std::string_view separator_;
};

} // namespace detail

template <Method M>
std::string to_text(const M& method) {
    detail::MethodText text(M::name);
    detail::for_each_field(method, [&]<class T>(std::string_view name, const T& field) {
        if constexpr (std::is_integral_v<T> && !std::same_as<T, bool>) {
            text.add(name, std::uint64_t{field});
        } else {
            text.add(name, field);
        }
    });
    return std::move(text).finish();
}

} // namespace amqp
