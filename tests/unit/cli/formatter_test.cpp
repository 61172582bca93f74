#include "cli/formatter.hpp"
#include "cli/page.hpp"
#include "cli/progress.hpp"
#include "cli/text.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace cli;

namespace {

constexpr Column columns[] = {{"name"},
                              {"arguments"},
                              {"tags", {}, Form::names},
                              {"definition", {}, Form::json},
                              {"kind", "exchange", Form::constant},
                              {"publish", "message_stats.publish"}};

Rows rows_of(std::string_view objects) {
    return {{std::begin(columns), std::end(columns)}, boost::json::parse({objects.data(), objects.size()}).as_array()};
}

const char* const objects = R"([
    {"name": "q\t1", "arguments": {"x-max-length": 5, "x-s": "a\"b"}, "tags": ["a", "b"], "definition": {"k": 1},
     "message_stats": {"publish": 3}},
    {"name": null, "arguments": {}, "tags": [], "definition": {}}])";

std::string text_of(std::string_view json) {
    return term_text(boost::json::parse({json.data(), json.size()}));
}

} // namespace

TEST_CASE("formatter: a table has tabs between columns and a line of names", "[cli]") {
    CHECK(format(rows_of(objects), Formatter::table, true) ==
          "name\targuments\ttags\tdefinition\tkind\tpublish\n"
          "q\t1\t[{\"x-max-length\",5},{\"x-s\",\"a\\\"b\"}]\t[a, b]\t{\"k\":1}\texchange\t3\n"
          "\t[]\t[]\t{}\texchange\t\n");
}

TEST_CASE("formatter: nothing is said of the columns of nothing", "[cli]") {
    CHECK(format(rows_of("[]"), Formatter::table, true).empty());
    CHECK(format(rows_of("[]"), Formatter::csv, true).empty());
    CHECK(format(rows_of("[]"), Formatter::pretty_table, true).empty());
    CHECK(format(rows_of("[]"), Formatter::json, true) == "[\n]\n");
}

TEST_CASE("formatter: JSON has an object a line, and its array can be read", "[cli]") {
    const std::string text = format(rows_of(objects), Formatter::json, true);
    const boost::json::value value = boost::json::parse(text);
    REQUIRE(value.as_array().size() == 2);
    CHECK(value.get_array()[0].at("arguments").at("x-max-length") == 5);
    CHECK(value.get_array()[0].at("definition") == "{\"k\":1}");
    CHECK(value.get_array()[0].at("kind") == "exchange");
    CHECK(value.get_array()[1].at("name") == "");
    CHECK(text.find("\n,{") != std::string::npos);
}

TEST_CASE("formatter: CSV doubles quotes and quotes all", "[cli]") {
    const std::string text = format(rows_of(objects), Formatter::csv, false);
    CHECK(text.starts_with(R"("q	1","[{""x-max-length"",5},{""x-s"",""a\""b""}]","[a, b]")"));
}

TEST_CASE("formatter: boxes are as wide as their widest text, in characters", "[cli]") {
    const Rows rows{{{"name"}}, boost::json::parse(R"([{"name": "äöü é"}, {"name": "x"}])").as_array()};
    CHECK(format(rows, Formatter::pretty_table, true) == "┌───────┐\n"
                                                         "│ name  │\n"
                                                         "├───────┤\n"
                                                         "│ äöü é │\n"
                                                         "├───────┤\n"
                                                         "│ x     │\n"
                                                         "└───────┘\n");
}

TEST_CASE("formatter: a sentence is a line, or an object with a message", "[cli]") {
    CHECK(format(Line{"Success"}, Formatter::table, true) == "Success\n");
    CHECK(format(Line{}, Formatter::table, true).empty());
    CHECK(format(Line{"Success"}, Formatter::json, true) == "{\"result\":\"ok\",\"message\":\"Success\"}\n");
    CHECK(format(Line{}, Formatter::json, true) == "{\"result\":\"ok\"}\n");
}

TEST_CASE("text: values are written as terms", "[cli]") {
    CHECK(text_of(R"([1, "a", true, null, {"k": [0.0, 1.5]}])") == R"([1,"a",true,undefined,[{"k",[0.0,1.5]}]])");
}

TEST_CASE("text: control characters do not reach the terminal", "[cli]") {
    CHECK(printable("a\033[31mb\r\nc\td\x7f\xC2\x9B"
                    "e\xC3\xA9") == "a[31mbc\tde\xC3\xA9");
    CHECK(text_of(R"({"a\u001b": "\u009bb"})") == R"([{"a","b"}])");
}

TEST_CASE("text: protocols are rabbitmqctl's", "[cli]") {
    const boost::json::value connection{{"protocol", "AMQP 0-9-1"}, {"other", "Web"}};
    CHECK(cell_text(connection, {"protocol", {}, Form::protocol}) == "{0,9,1}");
    CHECK(cell_text(connection, {"other", {}, Form::protocol}) == "Web");
}

TEST_CASE("page: sizes are rounded as rabbitmqctl rounds them", "[cli]") {
    CHECK(size_text(138800000, "gb") == "0.1388 gb");
    CHECK(size_text(90816500, "mb") == "90.8165 mb");
    CHECK(size_text(0, "gb") == "0.0 gb");
    CHECK(size_text(1024, "bytes") == "1024 bytes");
    CHECK(rounded_text(25.6, 2) == "25.6");
    CHECK(rounded_text(100, 2) == "100.0");
}

TEST_CASE("progress: a bar never leaves its bounds", "[cli]") {
    CHECK(bar_text(0, 10) == "[" + std::string(40, ' ') + "]   0 %");
    CHECK(bar_text(5, 10) == "[" + std::string(20, '#') + std::string(20, ' ') + "]  50 %");
    CHECK(bar_text(11, 10) == "[" + std::string(40, '#') + "] 100 %");
    CHECK(bar_text(1, 0) == "[" + std::string(40, ' ') + "]   0 %");
}
