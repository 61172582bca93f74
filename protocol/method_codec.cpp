#include "protocol/method_codec.hpp"

namespace amqp::detail {

Error not_in_list(MethodId id) {
    static constexpr auto known = sorted_keys(AllMethods{});
    static_assert(std::ranges::adjacent_find(known) == known.end());
    return std::ranges::binary_search(known, sort_key(id)) ? command_invalid("unimplemented method") : undecodable();
}

} // namespace amqp::detail
