#include "config/form.hpp"

#include <catch2/catch.hpp>

using namespace config;

TEST_CASE("size: units are RabbitMQ's since 3.13", "[config]") {
    struct Row {
        std::string text;
        std::optional<std::uint64_t> bytes;
    };
    const Row rows[] = {
        {"0", 0},
        {"1048576", 1'048'576},
        {"1k", 1'000},
        {"1kB", 1'000},
        {"1Ki", 1'024},
        {"1KiB", 1'024},
        {"1kib", 1'024},
        {"2M", 2'000'000},
        {"50MB", 50'000'000},
        {"16MiB", 16'777'216},
        {"4GB", 4'000'000'000},
        {"4GiB", 4'294'967'296},
        {"1TiB", 1'099'511'627'776},
        {"1PB", 1'000'000'000'000'000},
        {"18446744073709551615", 18'446'744'073'709'551'615U},
        {"18446744073709551616", std::nullopt},
        {"18446744073709551615k", std::nullopt},
        {"", std::nullopt},
        {"k", std::nullopt},
        {"-1", std::nullopt},
        {"1.5GB", std::nullopt},
        {"1 GB", std::nullopt},
        {"1XB", std::nullopt},
        {"1kbit", std::nullopt},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse_size(row.text) == row.bytes);
    }
}

TEST_CASE("size: what is shown is read back as the same number", "[config]") {
    for (const std::uint64_t bytes : {0ULL, 1ULL, 4096ULL, 50'000'000ULL, 16'777'216ULL, 1'000ULL, 123'456'789ULL}) {
        CAPTURE(bytes);
        CHECK(parse_size(show_size(bytes)) == bytes);
    }
    CHECK(show_size(16 * 1024 * 1024) == "16MiB");
    CHECK(show_size(50'000'000) == "50MB");
}

TEST_CASE("endpoint: a port, or an address and a port", "[config]") {
    struct Row {
        std::string text;
        std::optional<Endpoint> endpoint;
    };
    const Row rows[] = {
        {"5672", Endpoint{"0.0.0.0", 5672}},
        {"0", Endpoint{"0.0.0.0", 0}},
        {"127.0.0.1:5673", Endpoint{"127.0.0.1", 5673}},
        {"::1:5672", Endpoint{"::1", 5672}},
        {"[::1]:5672", Endpoint{"::1", 5672}},
        {":::5672", Endpoint{"::", 5672}},
        {"65536", std::nullopt},
        {"", std::nullopt},
        {"127.0.0.1", std::nullopt},
        {"127.0.0.1:", std::nullopt},
        {"localhost:5672", std::nullopt},
        {"127.0.0.256:5672", std::nullopt},
        {"[::1]", std::nullopt},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(parse_endpoint(row.text) == row.endpoint);
    }
    CHECK(show_endpoint({"::1", 5672}) == "[::1]:5672");
}

TEST_CASE("limit: infinity and -1 mean that there is none", "[config]") {
    const auto form = limit(1);
    CHECK(form.parse("infinity") == Settings::unlimited);
    CHECK(form.parse("-1") == Settings::unlimited);
    CHECK(form.parse("7") == 7);
    CHECK_FALSE(form.parse("0"));
    CHECK_FALSE(form.parse("4294967295"));
    CHECK_FALSE(form.parse("-2"));
    CHECK(form.show(Settings::unlimited) == "infinity");
}

TEST_CASE("number: plain decimals in the range only", "[config]") {
    const auto form = number(0, 10);
    CHECK(form.parse("0.4") == 0.4);
    CHECK(form.parse("10") == 10);
    for (const char* bad : {"", "10.01", "-1", "nan", "inf", "1e1", "0.4x"}) {
        CAPTURE(bad);
        CHECK_FALSE(form.parse(bad));
    }
}
