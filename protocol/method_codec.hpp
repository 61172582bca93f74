// Methods to octets and back, derived from the described structs:  class-id(2) method-id(2) arguments
// Decoded strings and tables are views into the payload. Nothing here allocates, except encode_method into its output.
#pragma once

#include "protocol/assert.hpp"
#include "protocol/error.hpp"
#include "protocol/field_table.hpp"
#include "protocol/methods.hpp"
#include "protocol/wire_reader.hpp"
#include "protocol/wire_writer.hpp"

#include <boost/mp11/algorithm.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace amqp {

namespace detail {

// Calls visit(name, field) for every argument in wire order.
template <class M, class Visitor>
constexpr void for_each_field(M& method, Visitor&& visit) {
    using Fields = boost::describe::describe_members<std::remove_const_t<M>, boost::describe::mod_public>;
    boost::mp11::mp_for_each<Fields>([&](auto field) { visit(field.name, method.*field.pointer); });
}

// Octets that a field takes at most; bits share octets, so this may be too much for them.
template <class T>
constexpr std::size_t size_bound(const T& field) {
    if constexpr (std::is_arithmetic_v<T>) {
        return sizeof field;
    } else if constexpr (std::same_as<T, ShortString>) {
        return 1 + field.value.size();
    } else if constexpr (std::same_as<T, LongString>) {
        return 4 + field.value.size();
    } else {
        return 4 + field.bytes.size();
    }
}

// RabbitMQ's answer to what its decoder does not know is an internal error without explanation.
inline Error undecodable() {
    return make_error(ReplyCode::internal_error, Scope::connection, {});
}

constexpr std::uint32_t sort_key(MethodId id) {
    return std::uint32_t{id.class_id} << 16 | id.method_id;
}

} // namespace detail

namespace detail {

template <Method M>
std::size_t encoded_bound(const M& method) {
    std::size_t bound = 4;
    for_each_field(method, [&](const char*, const auto& field) { bound += size_bound(field); });
    return bound;
}

template <class Writer, Method M>
void put_method(Writer& writer, const M& method) {
    writer.put(M::id.class_id);
    writer.put(M::id.method_id);
    for_each_field(method, [&](const char*, const auto& field) { writer.put(field); });
}

// False when `arguments` are not those of an M, all of them and nothing more, with well-formed tables.
template <Method M>
[[gnu::flatten]] bool decode_into(M& method, Bytes arguments) {
    WireReader reader(arguments);
    for_each_field(method, [&]<class T>(const char*, T& field) {
        field = reader.get<T>();
        if constexpr (std::same_as<T, EncodedTable>) {
            if (!is_well_formed(field)) {
                reader.fail();
            }
        }
    });
    return reader.finished();
}

} // namespace detail

template <Method M>
void encode_method(std::string& out, const M& method) {
    WireWriter writer(out, detail::encoded_bound(method));
    detail::put_method(writer, method);
}

template <Method M>
Result<M> decode_method(Bytes arguments) {
    M method;
    if (!detail::decode_into(method, arguments)) {
        return detail::undecodable();
    }
    return method;
}

// Which method a method frame's payload holds; it need not be one that exists.
inline Result<MethodId> method_id(Bytes payload) {
    WireReader reader(payload);
    const auto class_id = reader.get<std::uint16_t>();
    const auto id = reader.get<std::uint16_t>();
    if (reader.failed()) {
        return detail::undecodable();
    }
    return MethodId{class_id, id};
}

template <class Handler, class M>
concept Handles = requires(Handler& handler, const M& method) {
    { handler.on(method) } -> std::same_as<Result<>>;
};

// True when Handler has Result<> on(const M&) for every M of the list: a forgotten method is a compile error.
template <class Handler, class List>
inline constexpr bool handles_all = false;
template <class Handler, class... Ms>
inline constexpr bool handles_all<Handler, MethodList<Ms...>> = (Handles<Handler, Ms> && ...);

namespace detail {

template <class Handler>
struct DispatchEntry {
    std::uint32_t key = 0;
    Result<> (*decode_and_call)(Bytes arguments, Handler& handler) = nullptr; // null: nobody's place
};

template <Method M, class Handler>
Result<> decode_and_call(Bytes arguments, Handler& handler) {
    M method;
    if (!decode_into(method, arguments)) [[unlikely]] {
        return undecodable();
    }
    return handler.on(method);
}

template <class... Ms>
constexpr auto sorted_keys(MethodList<Ms...>) {
    std::array keys{sort_key(Ms::id)...};
    std::ranges::sort(keys);
    return keys;
}

// The smallest in which every method has a place of its own, its key modulo the size.
template <class... Ms>
consteval std::size_t dispatch_table_size(MethodList<Ms...>) {
    std::array<std::size_t, 2048> taken_with{}; // of each place: the size with which it was taken last
    for (std::size_t size = sizeof...(Ms); size < taken_with.size(); ++size) {
        const auto take = [&](std::uint32_t key) { return std::exchange(taken_with[key % size], size) != size; };
        if ((take(sort_key(Ms::id)) && ...)) {
            return size;
        }
    }
    LEVERET_UNREACHABLE("too many methods"); // at compile time
    return 0;
}

template <class Handler, class... Ms>
consteval auto dispatch_table(MethodList<Ms...>) {
    constexpr std::size_t size = dispatch_table_size(MethodList<Ms...>{});
    std::array<DispatchEntry<Handler>, size> table;
    ((table[sort_key(Ms::id) % size] = {sort_key(Ms::id), &decode_and_call<Ms, Handler>}), ...);
    return table;
}

// The error for a method that the receiver's list does not have.
Error not_in_list(MethodId id);

} // namespace detail

// Decodes a method frame's payload and calls handler.on(method). A method that exists but is not in List is
// COMMAND_INVALID; one that does not exist, and arguments that cannot be decoded, are INTERNAL_ERROR.
template <class List, class Handler>
Result<> dispatch(Bytes payload, Handler&& handler) {
    using Receiver = std::remove_reference_t<Handler>;
    static_assert(handles_all<Receiver, List>);
    static constexpr auto table = detail::dispatch_table<Receiver>(List{});

    const Result<MethodId> id = method_id(payload);
    if (!id) [[unlikely]] {
        return id.error();
    }
    const std::uint32_t key = detail::sort_key(*id);
    const auto& entry = table[key % table.size()];
    if (entry.key != key || entry.decode_and_call == nullptr) [[unlikely]] {
        return detail::not_in_list(*id);
    }
    return entry.decode_and_call(payload.substr(4), handler);
}

} // namespace amqp
