#include "protocol/field_table.hpp"

#include <catch2/catch.hpp>

using namespace amqp;

TEST_CASE("field value: types and texts are those of RabbitMQ's errors", "[protocol][table]") {
    struct Row {
        FieldValue value;
        std::string_view type;
        std::string_view text;
    };
    const std::vector<Row> rows{
        {Void{}, "void", "undefined"},
        {true, "bool", "true"},
        {false, "bool", "false"},
        {std::int8_t{-1}, "byte", "-1"},
        {std::uint8_t{200}, "unsignedbyte", "200"},
        {std::int16_t{-300}, "short", "-300"},
        {std::uint16_t{300}, "unsignedshort", "300"},
        {60000, "signedint", "60000"},
        {60000U, "unsignedint", "60000"},
        {std::int64_t{-60000}, "long", "-60000"},
        {1.5F, "float", "1.5"},
        {2.0, "double", "2.0"},
        {1e100, "double", "1.0e+100"},
        {Decimal{2, 123}, "decimal", "{2,123}"},
        {"abc", "longstr", "abc"},
        {ByteArray{"abc"}, "binary", "abc"},
        {Timestamp{1'000'000'000}, "timestamp", "1000000000"},
        {Array{1, "a\"b", true}, "array", R"([{signedint,1},{longstr,<<"a\"b">>},{bool,true}])"},
        {Array{"a\\b"}, "array", R"([{longstr,<<"a\\b">>}])"},
        {Array{"", "a\n"}, "array", "[{longstr,<<>>},{longstr,<<97,10>>}]"},
        {FieldTable{{"k", "v"}, {"n", Void{}}}, "table", R"([{<<"k">>,longstr,<<"v">>},{<<"n">>,void,undefined}])"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.type, row.text);
        CHECK(row.value.type_name() == row.type);
        CHECK(row.value.to_text() == row.text);
    }
}

TEST_CASE("field value: only integers are integers", "[protocol][table]") {
    CHECK(FieldValue(std::int8_t{-1}).as_integer() == -1);
    CHECK(FieldValue(std::uint32_t{0xFFFFFFFF}).as_integer() == 0xFFFFFFFF);
    for (const FieldValue& value : {FieldValue(true), FieldValue(1.0), FieldValue("1"), FieldValue(Timestamp{1}),
                                    FieldValue(Decimal{0, 1}), FieldValue()}) {
        CAPTURE(value.type_name());
        CHECK_FALSE(value.as_integer());
    }
}

namespace {

struct Pair {
    FieldValue a;
    FieldValue b;
    bool equal;
    bool equivalent;
    bool same_term;
};

} // namespace

TEST_CASE("field value: equality, equivalence of arguments and sameness of terms", "[protocol][table][C6]") {
    const std::vector<Pair> rows{
        //                                                          ==     equivalent  same term
        {1, 1, true, true, true},
        {1, 2, false, false, false},
        {1, std::int64_t{1}, false, true, true},
        {std::uint8_t{255}, std::int8_t{-1}, false, false, false},
        {std::uint32_t{0xFFFFFFFF}, -1, false, false, false},
        {1, 1.0, false, false, false},
        {1, "1", false, false, false},
        {1, true, false, false, false},
        {1.5F, 1.5, false, true, true},
        {0.1F, 0.1, false, false, false},
        {Decimal{0, 1}, 1, false, false, false},
        {Decimal{0, 1}, Decimal{0, 1}, true, true, true},
        {Decimal{0, 10}, Decimal{1, 100}, false, false, false},
        {"a", "a", true, true, true},
        {"a", ByteArray{"a"}, false, false, true},
        {ByteArray{"a"}, ByteArray{"b"}, false, false, false},
        {Timestamp{1}, 1, false, false, true},
        {std::int64_t{-1}, Timestamp{0xFFFFFFFFFFFFFFFF}, false, false, false},
        {Timestamp{1}, Timestamp{1}, true, true, true},
        {Timestamp{1}, "1", false, false, false},
        {Void{}, Void{}, true, true, true},
        {Void{}, false, false, false, false},
        {Array{1}, Array{1}, true, true, true},
        {Array{1}, Array{std::int64_t{1}}, false, false, false},
        {FieldTable{{"a", 1}, {"b", 2}}, FieldTable{{"a", 1}, {"b", 2}}, true, true, true},
        {FieldTable{{"a", 1}, {"b", 2}}, FieldTable{{"b", 2}, {"a", 1}}, false, false, false},
    };
    for (const Pair& row : rows) {
        CAPTURE(row.a.type_name(), row.a.to_text(), row.b.type_name(), row.b.to_text());
        CHECK((row.a == row.b) == row.equal);
        CHECK((row.b == row.a) == row.equal);
        CHECK(equivalent(row.a, row.b) == row.equivalent);
        CHECK(equivalent(row.b, row.a) == row.equivalent);
        CHECK(same_term(row.a, row.b) == row.same_term);
        CHECK(same_term(row.b, row.a) == row.same_term);
    }
}
