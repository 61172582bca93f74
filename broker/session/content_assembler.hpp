// Method, header and body frames of one channel to one Message [F5, F5a]:
//     basic.publish  content-header  *content-body
// Owned by its Channel, used on the connection's network thread. Sizes are checked before memory is taken; whether the
// message may be published is the channel's business.
#pragma once

#include "protocol/error.hpp"
#include "protocol/message.hpp"
#include "protocol/methods/basic.hpp"

#include <boost/static_string/static_string.hpp>

#include <cstdint>
#include <string_view>

namespace broker {

class ContentAssembler {
 public:
    static constexpr std::uint64_t body_size_cap = 512 * 1024 * 1024; // whatever is configured

    struct Content {
        amqp::MessagePtr message;
        bool mandatory = false;
        bool immediate = false;
    };

    explicit ContentAssembler(std::uint64_t max_message_size) : max_message_size_(max_message_size) {}

    // A method frame must not come within a content.
    amqp::Result<> expect_method() const {
        if (expected_ != Expected::method) [[unlikely]] {
            return unexpected_method();
        }
        return {};
    }
    void begin(const amqp::basic::Publish& publish); // only where a method may come

    // True when that was the last frame: take() has the message.
    amqp::Result<bool> on_header(amqp::Bytes payload);
    amqp::Result<bool> on_body(amqp::Bytes payload);
    Content take();

    // A body frame may also be taken while it comes: if it is expected, its payload goes to the builder; an on_body
    // without octets is its end.
    bool expects_body(std::size_t size) const { return expected_ == Expected::body && size <= builder_.remaining(); }
    amqp::MessageBuilder& builder() { return builder_; }

    bool active() const { return expected_ != Expected::method; }

 private:
    enum class Expected : std::uint8_t { method, header, body };

    amqp::Error unexpected_method() const;

    const std::uint64_t max_message_size_;
    Expected expected_ = Expected::method;
    bool mandatory_ = false;
    bool immediate_ = false;
    using Name = boost::static_string<amqp::ShortString::max_size>;
    static std::string_view view(const Name& name) { return {name.data(), name.size()}; }
    Name exchange_; // the frame that they came in may be gone when the header comes
    Name routing_key_;
    amqp::MessageBuilder builder_;
};

} // namespace broker
