#include "broker/admin/login.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace broker;

TEST_CASE("login: the cookie says the port that the browser asked, and keeps to TLS", "[admin][session]") {
    for (const auto& [host, name] : std::vector<std::pair<std::string, std::string>>{
             {"here", "leveret_session"},
             {"here:8080", "leveret_session_8080"},
             {"[::1]", "leveret_session"},
             {"[::1]:15672", "leveret_session_15672"},
             {"here:a;b=c", "leveret_session"},
             {"", "leveret_session"}}) {
        INFO(host);
        HttpHeader header;
        header.set(boost::beast::http::field::host, host);
        CHECK(session_cookie(header, "t", "/p", false) == name + "=t; Path=/p/; HttpOnly; SameSite=Strict");
        CHECK(session_cookie(header, "t", "", true) == name + "=t; Path=/; HttpOnly; SameSite=Strict; Secure");
        CHECK(session_cookie(header, "", "", true).ends_with("; Max-Age=0"));
        header.set(boost::beast::http::field::cookie, "other=1; " + name + "=t");
        CHECK(session_token(header) == "t");
    }
}

TEST_CASE("login: a host is one of those allowed, whatever its port", "[admin][session]") {
    const std::vector<std::string> allowed{"broker.example", "192.0.2.1", "[2001:db8::1]"};
    for (const auto& [host, is_one] : std::vector<std::pair<std::string, bool>>{{"broker.example", true},
                                                                               {"Broker.Example:15672", true},
                                                                               {"192.0.2.1:80", true},
                                                                               {"[2001:db8::1]", true},
                                                                               {"[2001:DB8::1]:15672", true},
                                                                               {"localhost", false},
                                                                               {"broker.example.fox.example", false},
                                                                               {"fox.broker.example", false},
                                                                               {"broker.example:80:fox", true},
                                                                               {"[2001:db8::1", false},
                                                                               {"2001:db8::1", false},
                                                                               {"", false}}) {
        INFO(host);
        HttpHeader header;
        header.set(boost::beast::http::field::host, host);
        CHECK(is_allowed_host(header, allowed) == is_one);
        CHECK(is_allowed_host(header, {}));
    }
    CHECK(!is_allowed_host({}, allowed));
}
