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
