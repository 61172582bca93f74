// Octets from outside as text: for JSON, base64, log lines, and as regular expressions, whose matching ends.
#include "broker/admin/text.hpp"

#include "broker/text/pattern.hpp"
#include "broker/text/printable.hpp"
#include "protocol/assert.hpp"
#include "tests/fuzz/input.hpp"

#include <algorithm>

using namespace broker;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const std::string_view all = input.rest();
    LEVERET_ASSERT(is_utf8(json_text(all)));
    LEVERET_ASSERT(!is_utf8(all) || json_text(all) == all);
    LEVERET_ASSERT(decode_base64(encode_base64(all)) == all);
    static_cast<void>(decode_base64(all));

    const std::string line = printable(all);
    LEVERET_ASSERT(is_utf8(line));
    LEVERET_ASSERT(std::ranges::none_of(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }));

    const std::string_view expression = input.line();
    if (const auto pattern = Pattern::compile(expression)) {
        LEVERET_ASSERT(expression.size() <= Pattern::max_size);
        static_cast<void>(pattern->matches(input.rest()));
    }
    return 0;
}
