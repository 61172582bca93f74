#include "broker/routing/modulus_hash_router.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace broker {

amqp::Result<> ModulusHashRouter::validate(std::string_view, const amqp::FieldTable&) {
    return {};
}

ModulusHashRouter::Places::iterator ModulusHashRouter::find(const Destination& destination) {
    // Two names of one identity are told apart by address; no restart will keep their order, nor will it ever happen.
    const auto before = [](const Place& place, const Destination& wanted) {
        return place.destination->identity() != wanted.identity() ? place.destination->identity() < wanted.identity()
                                                                  : std::less<>{}(place.destination, &wanted);
    };
    return std::lower_bound(places_.begin(), places_.end(), destination, before);
}

void ModulusHashRouter::add(const Binding& binding) {
    const auto place = find(*binding.destination);
    if (place != places_.end() && place->destination == binding.destination) {
        ++place->bindings;
    } else {
        places_.insert(place, {binding.destination, 1});
    }
}

void ModulusHashRouter::remove(const Binding& binding) {
    const auto place = find(*binding.destination);
    LEVERET_ASSERT(place != places_.end() && place->destination == binding.destination);
    if (--place->bindings == 0) {
        places_.erase(place);
    }
}

void ModulusHashRouter::match(const RoutingInput& input, Matches& matches) const {
    if (places_.empty()) {
        return;
    }
    std::uint64_t hash = stable_hash(input.routing_key);
    if (input.more_keys != nullptr) {
        for (const std::string& key : *input.more_keys) {
            hash = stable_hash(key, hash);
        }
    }
    matches.add(*places_[hash % places_.size()].destination);
}

} // namespace broker
