#include "cli/address.hpp"
#include "cli/exit_code.hpp"

#include <catch2/catch.hpp>

using namespace cli;

namespace {

std::string never(const std::string&) {
    FAIL("nobody is to be asked");
    return {};
}

ExitCode code_of(const Settings& settings) {
    try {
        address_of(settings, never);
    } catch (const Failure& failure) {
        return failure.code();
    }
    return ExitCode::ok;
}

} // namespace

TEST_CASE("address: the usual one", "[cli]") {
    const Address address = address_of({}, never);
    CHECK(address.shown() == "http://localhost:15672");
    CHECK((address.user == "guest" && address.password == "guest" && !address.tls));
}

TEST_CASE("address: a URL has scheme, host, port, prefix and perhaps a login", "[cli]") {
    struct Row {
        const char *url, *shown, *host, *user;
    };
    for (const Row& row : {Row{"https://mq.example", "https://mq.example:443", "mq.example", "guest"},
                           Row{"http://mq.example/mq/", "http://mq.example:80/mq", "mq.example", "guest"},
                           Row{"http://[::1]:15672", "http://[::1]:15672", "::1", "guest"},
                           Row{"http://a:b%40c@mq.example:1", "http://mq.example:1", "mq.example", "a"}}) {
        INFO(row.url);
        const Address address = address_of({{"url", row.url}}, never);
        CHECK(address.shown() == row.shown);
        CHECK(address.host == row.host);
        CHECK(address.user == row.user);
    }
    CHECK(address_of({{"url", "http://a:b%40c@mq.example:1"}}, never).password == "b@c");
}

TEST_CASE("address: what is no URL is wrong usage", "[cli]") {
    for (const char* const url : {"ftp://x", "localhost", "http://", "http://x y", "http://x?a=b"}) {
        INFO(url);
        CHECK(code_of({{"url", url}}) == ExitCode::usage);
    }
}

TEST_CASE("address: a password nobody gave is asked for, but guest's", "[cli]") {
    const auto ask = [](const std::string& user) { return "of " + user; };
    CHECK(address_of({{"user", "alice"}}, ask).password == "of alice");
    CHECK(address_of({{"user", "alice"}, {"password", "given"}}, ask).password == "given");
    CHECK(address_of({{"url", "http://a:b@x"}, {"user", "alice"}}, ask).password == "of alice");
    CHECK(code_of({{"password-file", "/nonexistent"}}) == ExitCode::configuration);
}

TEST_CASE("profile: lines of keys and values, and comments", "[cli]") {
    const Settings settings = parse_profile("# mine\n\n url = https://x \nuser=a=b\r\npassword =\n", "f");
    CHECK(settings == Settings{{"url", "https://x"}, {"user", "a=b"}, {"password", ""}});
    CHECK_THROWS_WITH(parse_profile("url = x\nnonsense\n", "file"), Catch::Contains("file: line 2"));
    CHECK_THROWS_WITH(parse_profile("colour = blue\n", "file"), Catch::Contains("line 1"));
}

TEST_CASE("environment: variables are settings, empty ones are not", "[cli]") {
    const Settings settings = environment_settings([](const char* name) -> const char* {
        const std::string variable = name;
        return variable == "LEVERET_URL" ? "http://x" : variable == "LEVERET_PASSWORD_FILE" ? "f" : "";
    });
    CHECK(settings == Settings{{"url", "http://x"}, {"password-file", "f"}});
}
