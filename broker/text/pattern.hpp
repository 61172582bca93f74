// A regular expression of a permission or a policy. PCRE2, because RabbitMQ's are PCRE and look-ahead is common in
// policies. Backtracking engines can be made to run for ever, so every match has a budget of steps and of memory.
// Movable value; matches() may run on any thread. Works on bytes, as RabbitMQ does: no Unicode mode.
#pragma once

#include "protocol/error.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

struct pcre2_real_code_8;

namespace broker {

class Pattern {
 public:
    static constexpr std::size_t max_size = 512;         // bytes of the expression
    static constexpr std::uint32_t match_limit = 10'000; // steps of one match

    // Fails as PRECONDITION_FAILED with RabbitMQ's term as text: {invalid_regexp,<<"(">>,{"...",1}}.
    static amqp::Result<Pattern> compile(std::string_view expression, std::size_t size_limit = max_size);

    // True when the expression is found anywhere in `subject`. False also when the budget is used up: for permissions
    // that means refused.
    bool matches(std::string_view subject) const;
    // ".*": matches whatever comes; callers need not remember its answers.
    bool matches_everything() const { return code_ == nullptr; }

 private:
    struct FreeCode {
        void operator()(pcre2_real_code_8* code) const;
    };
    using Code = std::unique_ptr<pcre2_real_code_8, FreeCode>;
    explicit Pattern(Code code) : code_(std::move(code)) {}

    Code code_; // null: matches everything
};

} // namespace broker
