#include "broker/text/pattern.hpp"

#include "protocol/assert.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <array>
#include <string>

namespace broker {

namespace {

constexpr std::uint32_t heap_limit_kib = 1024; // of one match

// What a match needs besides the compiled code. One per thread, so that compiled patterns can be shared. Captures
// are never asked for, so one pair of offsets does.
class MatchState {
 public:
    MatchState() : context_(pcre2_match_context_create(nullptr)), data_(pcre2_match_data_create(1, nullptr)) {
        LEVERET_ASSERT(context_ != nullptr && data_ != nullptr);
        pcre2_set_match_limit(context_, Pattern::match_limit);
        pcre2_set_depth_limit(context_, Pattern::match_limit);
        pcre2_set_heap_limit(context_, heap_limit_kib);
    }
    ~MatchState() {
        pcre2_match_data_free(data_);
        pcre2_match_context_free(context_);
    }
    MatchState(const MatchState&) = delete;
    MatchState& operator=(const MatchState&) = delete;

    bool match(const pcre2_code* code, std::string_view subject) {
        const auto* text = reinterpret_cast<PCRE2_SPTR>(subject.data());
        return pcre2_match(code, text, subject.size(), 0, 0, data_, context_) >= 0;
    }

 private:
    pcre2_match_context* context_;
    pcre2_match_data* data_;
};

std::string error_text(int error) {
    std::array<PCRE2_UCHAR, 128> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    return reinterpret_cast<const char*>(text.data());
}

amqp::Error invalid_regexp(std::string_view expression, const std::string& reason, std::size_t offset) {
    return amqp::precondition_failed("{invalid_regexp,<<\"" + std::string(expression.substr(0, 64)) + "\">>,{\"" +
                                     reason + "\"," + std::to_string(offset) + "}}");
}

} // namespace

void Pattern::FreeCode::operator()(pcre2_real_code_8* code) const {
    pcre2_code_free(code);
}

amqp::Result<Pattern> Pattern::compile(std::string_view expression, std::size_t size_limit) {
    if (expression.size() > size_limit) {
        return invalid_regexp(expression, "longer than " + std::to_string(size_limit) + " bytes", size_limit);
    }
    if (expression == ".*") {
        return Pattern(nullptr);
    }
    int error = 0;
    PCRE2_SIZE offset = 0;
    const auto* text = reinterpret_cast<PCRE2_SPTR>(expression.data());
    Code code(pcre2_compile(text, expression.size(), PCRE2_NEVER_UTF | PCRE2_NEVER_UCP, &error, &offset, nullptr));
    if (!code) {
        return invalid_regexp(expression, error_text(error), offset);
    }
    return Pattern(std::move(code));
}

bool Pattern::matches(std::string_view subject) const {
    static thread_local MatchState state;
    return matches_everything() || state.match(code_.get(), subject);
}

} // namespace broker
