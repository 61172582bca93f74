// What a method is to the codec: a struct with its id, its name on the wire and described fields.
#pragma once

#include "protocol/types.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace amqp {

template <class M>
concept Method = std::is_aggregate_v<M> && std::is_trivially_copyable_v<M> &&
    boost::describe::has_describe_members<M>::value && requires {
    { M::id } -> std::same_as<const MethodId&>;
    { M::name } -> std::same_as<const std::string_view&>;
};

// A set of methods, as a type; works with Boost.Mp11.
template <class... Ms>
struct MethodList {
    static_assert((Method<Ms> && ...));
    static constexpr std::size_t size = sizeof...(Ms);
};

} // namespace amqp
