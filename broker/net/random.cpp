#include "broker/net/random.hpp"

#include "protocol/assert.hpp"

#include <sys/random.h>

namespace broker {
namespace {

class SystemRandom final : public RandomSource {
 public:
    void fill(std::span<std::byte> octets) override {
        // Up to 256 octets come whole and without interruption.
        LEVERET_ASSERT(octets.size() <= 256 &&
                       getrandom(octets.data(), octets.size(), 0) == static_cast<ssize_t>(octets.size()));
    }
};

} // namespace

RandomSource& system_random() {
    static SystemRandom random;
    return random;
}

} // namespace broker
