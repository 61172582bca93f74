#include "broker/text/printable.hpp"

#include <catch2/catch.hpp>

using namespace std::string_literals;
using broker::printable;

TEST_CASE("printable: text stays as it is", "[text][log]") {
    for (const std::string text : {"", "queue 'hello' in vhost '/'", "ž 兔 🐇 é", "a\\b"}) {
        CHECK(printable(text) == text);
    }
}

TEST_CASE("printable: what could forge a line or move the cursor is spelt out", "[text][log]") {
    struct Row {
        std::string text, shown;
    };
    const Row rows[] = {
        {"a\nb", "a\\nb"},
        {"a\r\n2026 [error] forged", "a\\r\\n2026 [error] forged"},
        {"\t", "\\t"},
        {"\x1b[2J", "\\x1b[2J"},
        {"nul\0 del\x7f"s, "nul\\x00 del\\x7f"},
        {"\xc2\x85", "\\u0085"},     // next line
        {"\xc2\x9b", "\\u009b"},     // control sequence introducer
        {"\xe2\x80\xa8", "\\u2028"}, // line separator
        {"\xe2\x80\xae"
         "abc",
         "\\u202eabc"},              // right-to-left override
        {"\xe2\x81\xa6", "\\u2066"}, // isolate
    };
    for (const Row& row : rows) {
        CHECK(printable(row.text) == row.shown);
    }
}

TEST_CASE("printable: octets that are not UTF-8 are spelt out, each by itself", "[text][log]") {
    CHECK(printable("\xff\xfe") == "\\xff\\xfe");
    CHECK(printable("\xc0\xaf") == "\\xc0\\xaf");                   // overlong
    CHECK(printable("\xed\xa0\x80") == "\\xed\\xa0\\x80");          // surrogate
    CHECK(printable("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80"); // beyond Unicode
    CHECK(printable("cut \xe2\x80") == "cut \\xe2\\x80");
}
