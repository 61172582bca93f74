#include "cli/pattern.hpp"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <cstdint>
#include <memory>

namespace cli {
namespace {

constexpr std::uint32_t most_steps = 10'000;

struct Free {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
    void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
};

PCRE2_SPTR units(std::string_view text) {
    return reinterpret_cast<PCRE2_SPTR>(text.data());
}

} // namespace

bool matches(std::string_view expression, std::string_view name) {
    int error = 0;
    PCRE2_SIZE where = 0;
    const std::unique_ptr<pcre2_code, Free> code(
        pcre2_compile(units(expression), expression.size(), 0, &error, &where, nullptr));
    if (code == nullptr) {
        return false;
    }
    const std::unique_ptr<pcre2_match_data, Free> found(pcre2_match_data_create_from_pattern(code.get(), nullptr));
    const std::unique_ptr<pcre2_match_context, Free> limits(pcre2_match_context_create(nullptr));
    pcre2_set_match_limit(limits.get(), most_steps);
    return pcre2_match(code.get(), units(name), name.size(), 0, 0, found.get(), limits.get()) >= 0;
}

} // namespace cli
