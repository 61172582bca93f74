#include "protocol/message_memory.hpp"

#include "protocol/assert.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace amqp {

namespace {

// AddressSanitizer finds what is used after its end only in memory that is really given back.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool keeps_blocks = false;
#else
constexpr bool keeps_blocks = true;
#endif

constexpr std::size_t step = 64; // octets from one size of blocks to the next
constexpr std::size_t largest = 2048;
constexpr std::size_t sizes = largest / step;
constexpr std::size_t bundle_octets = 16 << 10; // that are handed over at a time
// By all threads together but for two bundles each. Of each size so much that a queue may swing between slowing its
// publishers down and letting them go on: 10,000 messages, of which 512 KiB are 4,096 of 16 B.
constexpr std::size_t kept_octets = 2 << 20;
constexpr std::size_t kept_octets_in_all = 16 << 20;
std::atomic<std::size_t> kept_bundles{0};

std::size_t index_of(std::size_t size) {
    return (size - 1) / step;
}
constexpr std::size_t size_at(std::size_t index) {
    return (index + 1) * step;
}

struct Block {
    Block* next;
};

// Unused blocks of one size, one through the other.
struct Bundle {
    Block* first = nullptr;
    std::size_t count = 0;

    void push(void* memory) {
        first = new (memory) Block{first};
        ++count;
    }
    void* pop() {
        --count;
        void* const block = std::exchange(first, first->next);
        __builtin_prefetch(first, 1); // behind a backlog blocks lie anywhere: the next one comes while this one is used
        return block;
    }
    void free_all() {
        while (count > 0) {
            std::free(pop());
        }
    }
};

// Full bundles of one size that threads had too many of.
class Depot {
 public:
    Bundle take() {
        const std::lock_guard lock(mutex_);
        if (bundles_.empty()) {
            return {};
        }
        const Bundle bundle = bundles_.back();
        bundles_.pop_back();
        kept_bundles.fetch_sub(1, std::memory_order_relaxed);
        return bundle;
    }
    bool put(const Bundle& bundle) { // false: there are enough
        const std::lock_guard lock(mutex_);
        if (bundles_.size() >= kept_octets / bundle_octets ||
            kept_bundles.load(std::memory_order_relaxed) >= kept_octets_in_all / bundle_octets) {
            return false;
        }
        bundles_.push_back(bundle);
        kept_bundles.fetch_add(1, std::memory_order_relaxed);
        return true;
    }

 private:
    std::mutex mutex_;
    std::vector<Bundle> bundles_;
};

std::array<Depot, sizes>& depots() {
    static auto* const all = new std::array<Depot, sizes>; // threads may end after static objects have
    return *all;
}

// What a thread has at hand: between an empty and a full bundle it needs nobody.
class Shelf {
 public:
    ~Shelf() {
        for (Bundle& bundle : bundles_) {
            bundle.free_all();
        }
        for (Bundle& bundle : spare_) {
            bundle.free_all();
        }
    }

    void* take(std::size_t index) {
        Bundle& bundle = bundles_[index];
        if (bundle.count == 0) [[unlikely]] {
            bundle = spare_[index].count > 0 ? std::exchange(spare_[index], {}) : depots()[index].take();
            if (bundle.count == 0) {
                return std::malloc(size_at(index));
            }
        }
        return bundle.pop();
    }
    void give_back(std::size_t index, void* block) {
        Bundle& bundle = bundles_[index];
        if (bundle.count == bundle_octets / size_at(index)) [[unlikely]] {
            std::swap(bundle, spare_[index]);
            if (bundle.count > 0 && !depots()[index].put(bundle)) {
                bundle.free_all();
            }
            bundle = {};
        }
        bundle.push(block);
    }

 private:
    std::array<Bundle, sizes> bundles_;
    std::array<Bundle, sizes> spare_;
};

thread_local Shelf shelf;

} // namespace

void* take_message_memory(std::size_t size) {
    void* const block = keeps_blocks && size <= largest ? shelf.take(index_of(size)) : std::malloc(size);
    LEVERET_ASSERT(block != nullptr);
    return block;
}

void give_message_memory_back(void* block, std::size_t size) noexcept {
    if (keeps_blocks && size <= largest) {
        shelf.give_back(index_of(size), block);
    } else {
        std::free(block);
    }
}

} // namespace amqp
