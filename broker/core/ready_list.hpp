// The ready messages of a queue that are in memory, in the order of delivery: by priority, then by sequence number.
// A message that comes back goes to where it was. Owned by its Queue, on the strand.
#pragma once

#include "protocol/message.hpp"
#include "storage/store.hpp"

#include <boost/container/deque.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace broker {

struct ReadyMessage {
    storage::Sequence sequence = 0;
    amqp::MessagePtr message;
    std::int64_t expires_at_ms = storage::StoredMessage::no_expiry; // wall clock
    std::uint32_t delivery_count = 0;                               // failed deliveries so far
    bool redelivered = false;
};

// Where a message stands in the order of delivery: a lower level comes later, and within one the higher number.
struct Place {
    static constexpr int first_level = 255;
    static constexpr int behind_all_levels = -1;
    int level = first_level;
    storage::Sequence sequence = 0;
};

class ReadyList {
 public:
    explicit ReadyList(unsigned max_priority) : levels_(max_priority + 1) {}

    void push_back(ReadyMessage message); // newer than everything of its priority
    void put_back(ReadyMessage message);  // to its place by sequence number: O(log n) among those that came back

    bool empty() const { return size_ == 0; }
    std::size_t size() const { return size_; }
    std::uint64_t body_bytes() const { return body_bytes_; }
    std::uint64_t footprint() const { return footprint_; }

    const ReadyMessage& front() const; // requires !empty()
    ReadyMessage pop_front();
    ReadyMessage pop_lowest(); // the oldest of the lowest priority; requires !empty()
    // The message with this sequence number, wherever it stands; nothing if it is not here. O(log n).
    std::optional<ReadyMessage> take(storage::Sequence sequence, std::uint8_t priority);
    bool contains(storage::Sequence sequence, std::uint8_t priority) const; // O(log n)

    void expire_by(std::int64_t latest_ms);            // every message, if not sooner
    std::size_t expiring() const { return expiring_; } // how many have an expiry

    // Every message, in the order of delivery.
    template <class Visit>
    void for_each(Visit visit) const {
        for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
            for (const auto& [sequence, message] : level->returned) {
                visit(message);
            }
            for (const ReadyMessage& message : level->fresh) {
                if (message.message != nullptr) {
                    visit(message);
                }
            }
        }
    }

    // The messages behind `place`, in the order of delivery, until visit(level, message) returns false.
    template <class Visit>
    void for_each_behind(Place place, Visit visit) const {
        const auto comes_after = [](storage::Sequence sequence, const ReadyMessage& message) {
            return sequence < message.sequence;
        };
        for (int index = std::min(place.level, static_cast<int>(levels_.size()) - 1); index >= 0; --index) {
            const Level& level = levels_[static_cast<std::size_t>(index)];
            const storage::Sequence behind = index == place.level ? place.sequence : 0;
            for (auto next = level.returned.upper_bound(behind); next != level.returned.end(); ++next) {
                if (!visit(index, next->second)) {
                    return;
                }
            }
            auto next = std::upper_bound(level.fresh.begin(), level.fresh.end(), behind, comes_after);
            for (; next != level.fresh.end(); ++next) {
                if (next->message != nullptr && !visit(index, *next)) {
                    return;
                }
            }
        }
    }

    void set_max_priority(unsigned max_priority); // everybody finds a new place: O(n log n)

 private:
    // std::deque goes to malloc for every twelfth message, and keeps a block and more of a queue that never had any.
    using Fresh = boost::container::deque<ReadyMessage, void,
                                          boost::container::deque_options_t<boost::container::block_size<32u>>>;

    struct Level {
        // What came back; always older than `fresh`, because only delivered messages come back.
        std::map<storage::Sequence, ReadyMessage> returned;
        // What is taken from the middle leaves a hole, without its message but with its number; never in front.
        Fresh fresh;
        std::size_t holes = 0;
        bool empty() const { return returned.empty() && fresh.empty(); }
    };

    std::size_t level_of(std::uint8_t priority) const;
    void note_added(std::size_t level, const ReadyMessage& message);
    void note_removed(std::size_t level, const ReadyMessage& message);
    std::size_t highest() const; // the first level to deliver from
    std::size_t lowest() const;
    ReadyMessage pop(std::size_t level);
    static void drop_holes(Level& level);

    std::vector<Level> levels_;
    std::array<std::uint64_t, 4> occupied_{}; // a bit for each level that is not empty
    std::size_t size_ = 0;
    std::size_t expiring_ = 0;
    std::uint64_t body_bytes_ = 0;
    std::uint64_t footprint_ = 0;
};

} // namespace broker
