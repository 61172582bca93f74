// The words of a topic key, one after the other, without copying. An empty key has no word at all: `#` matches it and
// `*` does not. Otherwise a key has one word more than dots, and words may be empty.
#pragma once

#include <optional>
#include <string_view>

namespace broker {

class TopicWords {
 public:
    explicit TopicWords(std::string_view key) : rest_(key), more_(!key.empty()) {}

    std::optional<std::string_view> next() {
        if (!more_) {
            return std::nullopt;
        }
        const std::size_t dot = rest_.find('.');
        const std::string_view word = rest_.substr(0, dot);
        more_ = dot != std::string_view::npos;
        rest_.remove_prefix(more_ ? dot + 1 : rest_.size());
        return word;
    }

 private:
    std::string_view rest_;
    bool more_;
};

} // namespace broker
