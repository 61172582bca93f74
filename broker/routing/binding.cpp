#include "broker/routing/binding.hpp"

namespace broker {

namespace {

bool same_arguments(const amqp::FieldTable& a, const amqp::FieldTable& b) {
    if (a.size() != b.size()) {
        return false;
    }
    if (a == b) {
        return true;
    }
    amqp::FieldTable sorted_a = a;
    amqp::FieldTable sorted_b = b;
    sorted_a.sort_by_key();
    sorted_b.sort_by_key();
    return sorted_a.encode() == sorted_b.encode(); // octets: by its value, a NaN would not even equal itself
}

} // namespace

bool Binding::same_as(const Binding& other) const {
    return destination == other.destination && routing_key == other.routing_key &&
           same_arguments(arguments, other.arguments);
}

} // namespace broker
