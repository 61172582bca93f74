// Which messages of a queue somebody means: by headers, by text in the routing key, by text in the body. All that is
// said must hold; texts are compared octet by octet. A plain value, asked on the HTTP thread.
#pragma once

#include "broker/admin/target.hpp"
#include "protocol/error.hpp"
#include "protocol/message.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

class MessageFilter {
 public:
    // From header (any number of them: "name" or "name:value"), key and body.
    static amqp::Result<MessageFilter> of(const Query& query);
    static amqp::Result<MessageFilter> of(const boost::json::object& match); // header may be an array

    bool empty() const { return headers_.empty() && key_.empty() && body_.empty(); }
    bool matches(const amqp::Message& message) const;

    static constexpr std::size_t max_text = 1024; // of each
    static constexpr std::size_t max_headers = 16;

 private:
    struct Header {
        std::string name;
        std::optional<std::string> value; // as text; absent: whatever it is
    };

    void add_header(std::string_view text);
    amqp::Result<> check() const;

    std::vector<Header> headers_;
    std::string key_, body_;
};

} // namespace broker
