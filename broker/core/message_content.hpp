// The properties and headers of a message while it is being routed: decoded when somebody asks for them, once. Lives on
// the stack for as long as the message is looked at.
#pragma once

#include "protocol/field_table.hpp"
#include "protocol/message.hpp"
#include "protocol/properties.hpp"

#include <optional>

namespace broker {

class MessageContent {
 public:
    explicit MessageContent(const amqp::Message& message) : message_(message) {}

    const amqp::PropertiesView& properties() {
        if (!properties_) {
            properties_ = *amqp::PropertiesView::decode(message_.properties()); // well formed, or no message
        }
        return *properties_;
    }

    // Null: none.
    const amqp::FieldTable* headers() {
        if (!message_.has_headers()) {
            return nullptr;
        }
        if (!headers_) {
            auto table = amqp::FieldTable::decode(*properties().headers);
            headers_ = table.has_value() ? std::move(*table) : amqp::FieldTable();
        }
        return &*headers_;
    }

    // Null: no such header.
    const amqp::FieldValue* header(std::string_view name) {
        const amqp::FieldTable* table = headers();
        return table != nullptr ? table->find(name) : nullptr;
    }

 private:
    const amqp::Message& message_;
    std::optional<amqp::PropertiesView> properties_;
    std::optional<amqp::FieldTable> headers_;
};

} // namespace broker
