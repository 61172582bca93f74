// Checks of a definitions file against itself and what is there already, so that nothing is changed by a file that
// could not be carried out to its end. Pure functions.
#pragma once

#include "broker/admin/definitions.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace broker {

// An exchange's type and arguments: what the arguments of its bindings are checked by.
struct ExchangeKind {
    std::string type;
    amqp::FieldTable arguments;
};

struct Existing { // in one virtual host
    std::map<std::string, ExchangeKind, std::less<>> exchanges;
    std::map<std::string, bool, std::less<>> queues; // true: a quorum queue
};

Existing predefined_objects();
amqp::Result<> check_exchange(const DeclareExchange& exchange, std::string_view virtual_host);
// Both ends of every binding are there, or in the file, and its arguments are those of the exchange's type.
amqp::Result<> check_bindings(const HostDefinitions& definitions, Existing known);
// No more queues than the virtual host may have; policies and parameters neither.
amqp::Result<> check_counts(const HostDefinitions& definitions, const Existing& existing,
                            const VirtualHostSettings::Limits& limits);

} // namespace broker
