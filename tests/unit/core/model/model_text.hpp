// The state of a virtual host as lines of text, from the model and from the real one: where they differ can be read.
#pragma once

#include "broker/core/virtual_host.hpp"
#include "broker_model.hpp"
#include "tests/support/recording_port.hpp"

#include <string>

namespace broker::model {

// "q0 ready: ..." and "q0 unacked: ..."; a message with where it was published to, when it expires, how it died.
std::string queue_text(const Queue& queue);
std::string queue_text(const broker::Queue& queue, const RecordingPort& holder); // who has all that is unacknowledged

// What an x-recent-history exchange remembers: a later binding would show it.
std::string history_text(const Exchange& exchange);
std::string history_text(const broker::Exchange& exchange);

amqp::FieldTable headers_of(const Message& message); // as a client writes them
inline amqp::FieldTable table_of(const std::map<std::string, std::string>& map) {
    amqp::FieldTable table;
    for (const auto& [name, value] : map) {
        table.append(name, value);
    }
    return table;
}

} // namespace broker::model
