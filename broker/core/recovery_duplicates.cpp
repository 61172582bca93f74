// VirtualHost: deduplication caches that survive a restart.
#include "broker/core/virtual_host.hpp"

#include <cstring>
#include <future>
#include <optional>
#include <utility>

namespace broker {
namespace {

std::optional<DeduplicationCache::Key> key_in(const amqp::Message& message) {
    DeduplicationCache::Key key;
    const std::string_view octets = message.routing_key();
    if (octets.size() != sizeof(key.high) + sizeof(key.low)) {
        return std::nullopt;
    }
    std::memcpy(&key.high, octets.data(), sizeof(key.high));
    std::memcpy(&key.low, octets.data() + sizeof(key.high), sizeof(key.low));
    return key;
}

} // namespace

// Start-up may wait, and must: a duplicate that comes before its entry is known would be let through.
void VirtualHost::load_duplicates(Exchange& exchange, const storage::QueueState& state) {
    constexpr std::size_t page_messages = 16'384;
    constexpr std::size_t page_bytes = 1 << 20;
    for (storage::Sequence from = state.head;;) {
        std::promise<storage::Store::Page> read;
        environment_.store.read(state.queue, from, page_messages, page_bytes,
                                [&read](storage::Store::Page page) { read.set_value(std::move(page)); });
        const storage::Store::Page page = read.get_future().get();
        for (const storage::StoredMessage& stored : page.messages) {
            if (const auto key = key_in(*stored.message)) {
                exchange.parts.seen->recover({*key, stored.expires_at_ms, stored.sequence});
            }
        }
        if (page.end || !page.ok || page.messages.empty()) {
            return forget_duplicates(exchange);
        }
        from = page.messages.back().sequence + 1;
    }
}

} // namespace broker
