// Looking at the messages of a queue where they stand: nothing is delivered, nothing marked, nothing moved.
#include "broker/admin/access.hpp"
#include "broker/admin/browser.hpp"
#include "broker/admin/message_filter.hpp"
#include "broker/admin/message_json.hpp"
#include "broker/admin/resources/resources.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <charconv>

namespace broker {
namespace {

namespace json = boost::json;

constexpr std::uint64_t max_count = 1'000;
constexpr std::uint64_t max_payload_bytes = 16 << 20; // in one answer
// Looked at for one answer, which then says where to go on.
constexpr std::uint64_t max_scanned = 100'000;
constexpr std::uint64_t max_scanned_bytes = 256 << 20;

struct PeekOptions {
    std::uint64_t offset = 0;
    std::uint64_t count = 50;
    std::optional<Place> after;
    MessageFilter filter;
    PayloadForm form{.base64 = false, .truncate = 50'000};
};

amqp::Result<std::uint64_t> number(const Query& query, std::string_view name, std::uint64_t otherwise,
                                   std::uint64_t most) {
    const auto text = query.find(name);
    if (!text) {
        return otherwise;
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size() || value > most) {
        return amqp::precondition_failed(std::string(name) + " must be a number from 0 to " + std::to_string(most));
    }
    return value;
}

amqp::Result<PeekOptions> peek_options(const Query& query) {
    PeekOptions options;
    const auto offset = number(query, "offset", 0, INT64_MAX);
    const auto count = number(query, "count", options.count, max_count);
    const auto truncate = number(query, "truncate", options.form.truncate, INT64_MAX);
    auto filter = MessageFilter::of(query);
    for (const auto* each : {&offset, &count, &truncate}) {
        if (!*each) {
            return each->error();
        }
    }
    if (!filter) {
        return filter.error();
    }
    const std::string_view encoding = query.find("encoding").value_or("auto");
    if (encoding != "auto" && encoding != "base64") {
        return amqp::precondition_failed("encoding must be one of: auto, base64");
    }
    if (const auto after = query.find("after")) {
        options.after = place_of(*after);
        if (!options.after) {
            return amqp::precondition_failed("after must be what an earlier answer said");
        }
    }
    options.offset = *offset;
    options.count = *count;
    options.filter = std::move(*filter);
    options.form = {encoding == "base64", static_cast<std::size_t>(*truncate)};
    return options;
}

// Where a request is in a queue, and what it has found.
class Peek {
 public:
    explicit Peek(const PeekOptions& options)
        : options_(options),
          place_(options.after.value_or(Place())),
          position_(options.after ? options.offset : 0) {}

    Place place() const { return place_; }
    bool done() const {
        return end_ || found_.size() == options_.count || scanned_ >= max_scanned || bytes_ >= max_scanned_bytes ||
               payload_ >= max_payload_bytes;
    }
    std::size_t wanted() const { // of the next slice
        const std::uint64_t next = options_.offset - std::min(position_, options_.offset) + options_.count;
        const std::uint64_t most = options_.filter.empty() ? next - found_.size() : browsed_per_slice;
        return static_cast<std::size_t>(std::clamp<std::uint64_t>(most, 1, browsed_per_slice));
    }

    void take(const BrowsedSlice& slice) {
        std::size_t looked_at = 0;
        for (; looked_at < slice.messages.size() && !done(); ++looked_at) {
            look_at(slice.messages[looked_at], slice.ready);
        }
        if (looked_at == slice.messages.size()) {
            place_ = slice.next;
            end_ = slice.end;
        }
    }

    HttpResponse response() const {
        HttpResponse response = HttpResponse::json(found_);
        response.headers.emplace_back("X-Scanned", std::to_string(scanned_));
        if (!end_) { // the parameters that go on here
            response.headers.emplace_back("X-Next",
                                          "offset=" + std::to_string(position_) + "&after=" + place_text(place_));
        }
        return response;
    }

 private:
    void look_at(const BrowsedMessage& seen, std::uint64_t ready) {
        const amqp::Message& message = *seen.ready.message;
        const std::uint64_t position = position_++;
        place_ = seen.place();
        ++scanned_;
        bytes_ += message.body_size();
        if (position < options_.offset || !options_.filter.matches(message)) {
            return;
        }
        const std::uint64_t left = ready - std::min(ready, position + 1);
        json::object shown = message_json(message, seen.ready.redelivered, left, options_.form);
        shown["position"] = position;
        shown["sequence"] = std::to_string(seen.ready.sequence); // JSON's numbers have not so many digits
        payload_ += std::min<std::uint64_t>(message.body_size(), options_.form.truncate);
        found_.push_back(std::move(shown));
    }

    const PeekOptions& options_;
    Place place_; // everything up to here has been looked at
    std::uint64_t position_;
    bool end_ = false;
    json::array found_;
    std::uint64_t scanned_ = 0, bytes_ = 0, payload_ = 0;
};

} // namespace

HttpAnswer peek_messages(Api& api, const HttpRequest& request) {
    const std::string& queue = request.parameter("queue");
    const auto permitted = check_access(api, *request.user, request.parameter("vhost"), Access::read, "queue", queue);
    if (!permitted) {
        co_return permitted.error();
    }
    const auto options = peek_options(request.query);
    if (!options) {
        co_return options.error();
    }
    const VirtualHostPtr virtual_host = api.node.find_virtual_host(request.parameter("vhost"));
    Peek peek(*options);
    do {
        const auto slice = co_await browse(api, virtual_host, queue, peek.place(), peek.wanted());
        if (!slice) {
            co_return slice.error();
        }
        peek.take(*slice);
    } while (!peek.done());
    co_return peek.response();
}

} // namespace broker
