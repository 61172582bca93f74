#include "broker/core/event_sink.hpp"

#include "broker/core/erlang_term.hpp"
#include "broker/core/virtual_host.hpp"
#include "protocol/properties.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace broker {

void EventSink::attach(VirtualHost& host) {
    wanted_.store(false, std::memory_order_relaxed);
    host_.store(&host);
}

void EventSink::detach(const VirtualHost& host) {
    VirtualHost* expected = host_.load();
    if (expected == &host && host_.compare_exchange_strong(expected, nullptr)) {
        wanted_.store(false, std::memory_order_relaxed);
    }
}

void EventSink::set_bound(const VirtualHost& host, bool bound) {
    if (host_.load() == &host) {
        wanted_.store(bound, std::memory_order_relaxed);
    }
}

void EventSink::emit(std::string_view key, amqp::FieldTable headers) {
    VirtualHost* const host = host_.load();
    if (host == nullptr) {
        return;
    }
    const std::int64_t now_ms = host->now_ms();
    headers.append("timestamp_in_ms", now_ms);
    amqp::BasicProperties properties;
    properties.delivery_mode = std::uint8_t{2};
    properties.timestamp = static_cast<std::uint64_t>(std::max<std::int64_t>(now_ms, 0) / 1000);
    properties.headers = std::move(headers);
    host->run_later([event = amqp::Message::make(event_exchange, key, properties.encode(), {})](VirtualHost& on_it) {
        on_it.publish_event(event);
    });
}

amqp::FieldValue event_arguments(const amqp::FieldTable& arguments) {
    constexpr std::size_t max_shown = 1024;
    amqp::Array shown;
    for (const auto& [name, value] : arguments) {
        shown.emplace_back(fmt::format("{{{},{},{}}}", erlang_term(name, max_shown), value.type_name(),
                                       erlang_term(value, max_shown)));
    }
    return shown;
}

} // namespace broker
