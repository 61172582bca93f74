// What the routing tests share: a destination that is nothing else, and routers asked in one line.
#pragma once

#include "broker/routing/binding.hpp"
#include "broker/routing/matches.hpp"
#include "broker/routing/routing_input.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

class TestDestination : public Destination {
 public:
    explicit TestDestination(std::string text = {}) : Destination(Kind::queue, text), name(std::move(text)) {}

    std::string name;
};

inline Binding binding_of(TestDestination& destination, std::string_view key, amqp::FieldTable arguments = {}) {
    return {&destination, std::string(key), std::move(arguments)};
}

// The names of the destinations that match, sorted.
template <class R>
std::vector<std::string> matching(const R& router, const RoutingInput& input, Matches& matches) {
    matches.clear();
    router.match(input, matches);
    std::vector<std::string> names;
    for (const Destination* found : matches.all()) {
        names.push_back(static_cast<const TestDestination*>(found)->name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

using Names = std::vector<std::string>;

} // namespace broker
