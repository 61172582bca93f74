// The page at / as a browser sees it: its files, logging in and out, and what a session's cookie may do.
#include "broker/admin/web_assets.hpp"
#include "tests/unit/admin/server_world.hpp"

#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

using namespace broker;

namespace {

std::string request(std::string_view line, std::string_view headers = {}, std::string_view body = {}) {
    return std::string(line) + " HTTP/1.0\r\nHost: here:15672\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string status(std::string_view answer) {
    return std::string(answer.substr(std::min<std::size_t>(9, answer.size()), 3));
}

bool says(std::string_view answer, std::string_view text) {
    return answer.find(text) != std::string_view::npos;
}

std::string log_in(ServerWorld& world, std::string_view body, std::string_view headers = {}) {
    return world.raw(request("POST /api/login", headers, body));
}

// The header with which a browser comes back.
std::string cookie_of(const std::string& answer) {
    const std::string mark = "Set-Cookie: ", also = "set-cookie: ";
    const std::size_t found = std::min(answer.find(mark), answer.find(also));
    REQUIRE(found != std::string::npos);
    const std::size_t begin = found + mark.size();
    return "Cookie: other=1; " + answer.substr(begin, answer.find(';', begin) - begin) + "\r\n";
}

const std::string same_origin = "Origin: http://here:15672\r\n";

} // namespace

TEST_CASE("page: its files need no login and carry what protects them", "[admin][page]") {
    ServerWorld world;
    const std::string page = world.raw(request("GET /"));
    CHECK(status(page) == "200");
    CHECK(says(page, "text/html; charset=utf-8"));
    CHECK(says(page, "default-src 'none'; script-src 'self'; style-src 'self';"));
    CHECK(says(page, "frame-ancestors 'none'"));
    CHECK(says(page, "x-frame-options: DENY"));
    CHECK(says(page, "nosniff"));
    CHECK(says(page, "no-referrer"));
    CHECK_FALSE(says(page, "unsafe-"));
    for (const WebAsset& asset : web_assets()) {
        INFO(asset.path);
        CHECK(status(world.raw(request("GET " + std::string(asset.path) + "?v=1"))) == "200");
        CHECK(asset.gzipped.view().size() > 0);
        CHECK(asset.gzipped.view().size() < asset.plain.view().size());
    }
    CHECK(status(world.raw(request("POST /app.js"))) == "401");
    CHECK(status(world.raw(request("GET /nothing.js"))) == "401");
    CHECK(status(world.raw(request("GET /../app.js"))) == "401");
    const std::string tool = world.raw(request("GET /cli/rabbitmqadmin"));
    CHECK(status(tool) == "404");
    CHECK(says(tool, "any version of it works here"));
}

TEST_CASE("page: a file that the browser has is not sent again", "[admin][page]") {
    const auto first = web_asset_response("/app.js", "", "");
    REQUIRE(first);
    CHECK(first->content_type == "text/javascript; charset=utf-8");
    REQUIRE(first->headers.front().first == "etag");
    const auto again = web_asset_response("/app.js", "gzip", first->headers.front().second);
    CHECK(again->status == 304);
    CHECK(again->body.empty());
    CHECK(web_asset_response("/app.js", "", "W/\"another\"")->status == 200);
    const auto gzipped = web_asset_response("/app.js", "deflate, gzip", "");
    CHECK(gzipped->body.starts_with("\x1f\x8b"));
    CHECK(gzipped->encoding == "gzip");
    CHECK_FALSE(web_asset_response("/app", "", ""));
}

TEST_CASE("page: it moves with the path prefix", "[admin][page]") {
    HttpOptions options;
    options.path_prefix = "/broker";
    ServerWorld world(options);
    CHECK(status(world.raw(request("GET /broker/"))) == "200");
    const std::string bare = world.raw(request("GET /broker"));
    CHECK(status(bare) == "301");
    CHECK(says(bare, "/broker/\r\n"));
    const std::string answer = world.raw(request("POST /broker/api/login", {}, "username=guest&password=guest"));
    CHECK(says(answer, "Path=/broker/;"));
}

TEST_CASE("page: logging in gives a cookie that scripts and other sites never see", "[admin][page]") {
    ServerWorld world;
    const std::string_view body =
        GENERATE("username=guest&password=guest", R"({"username":"guest","password":"guest"})");
    const std::string answer = log_in(world, body, same_origin);
    CHECK(status(answer) == "200");
    CHECK(says(answer, "; HttpOnly; SameSite=Strict"));
    CHECK(says(answer, R"({"name":"guest","tags":["administrator"]})"));
    const std::string cookie = cookie_of(answer);
    CHECK(status(world.raw(request("GET /api/whoami", cookie))) == "200");
    CHECK(says(world.raw(request("DELETE /api/login", cookie + same_origin)), "Max-Age=0"));
    CHECK(status(world.raw(request("GET /api/whoami", cookie))) == "401");
}

TEST_CASE("page: brokers on one machine do not end each other's sessions", "[admin][page]") {
    ServerWorld world;
    const std::string cookie = cookie_of(log_in(world, "username=guest&password=guest"));
    CHECK(says(cookie, "leveret_session_15672="));
    const std::string token = cookie.substr(cookie.find('=', cookie.find("leveret")) + 1, 64);
    const std::string elsewhere = "Cookie: leveret_session_15673=" + token;
    CHECK(status(world.raw(request("GET /api/whoami", elsewhere + "\r\n"))) == "401");
    const std::string both = elsewhere + "; leveret_session_15672=" + token + "\r\n";
    CHECK(status(world.raw(request("GET /api/whoami", both))) == "200");
}

TEST_CASE("page: who may not log in", "[admin][page]") {
    ServerWorld world;
    world.node.add_user("nobody", {});
    CHECK(says(log_in(world, "username=guest&password=wrong"), "Not_Authorized"));
    CHECK(says(log_in(world, "username=nobody&password=nobody"), "Not management user"));
    CHECK(status(log_in(world, "")) == "400");
    CHECK(status(log_in(world, "{\"username\":")) == "400");
    CHECK(status(log_in(world, "username=guest&password=%4")) == "400");
    CHECK(status(log_in(world, std::string(5'000, 'x'))) == "400");
    CHECK(status(log_in(world, "username=guest&password=guest", "Origin: http://there\r\n")) == "403");
    CHECK(status(world.raw(request("GET /api/login"))) == "405");
}

TEST_CASE("page: with a cookie a change needs the page's own origin", "[admin][page]") {
    ServerWorld world;
    const std::string cookie = cookie_of(log_in(world, "username=guest&password=guest"));
    const auto put = [&](std::string_view headers) {
        return status(world.raw(request("PUT /api/queues/%2F/q", cookie + std::string(headers), "{}")));
    };
    CHECK(put("") == "403");
    CHECK(put("Origin: null\r\n") == "403");
    CHECK(put("Origin: http://there:15672\r\n") == "403");
    CHECK(put("Origin: http://here\r\n") == "403");
    CHECK(put(same_origin) == "201");
}

TEST_CASE("page: a session ends with the password and follows the tags", "[admin][page]") {
    ServerWorld world;
    world.node.add_user("clerk", {"administrator"});
    const std::string cookie = cookie_of(log_in(world, "username=clerk&password=clerk"));
    CHECK(status(world.raw(request("GET /api/users", cookie))) == "200");
    const std::string hash = world.node.users().table()->find("clerk")->password_hash.text;
    CHECK(world
              .call("PUT", "/users/clerk",
                    R"({"tags":"management","hashing_algorithm":"rabbit_password_hashing_sha256","password_hash":")" +
                        hash + "\"}")
              .status == 204);
    CHECK(status(world.raw(request("GET /api/whoami", cookie))) == "200");
    CHECK(says(world.raw(request("GET /api/users", cookie)), "Not administrator user"));
    world.node.add_user("clerk", {"administrator"}); // the same password, hashed anew
    CHECK(status(world.raw(request("GET /api/whoami", cookie))) == "401");
}

TEST_CASE("page: the browser is not asked to ask for a password", "[admin][page]") {
    ServerWorld world;
    CHECK(says(world.raw(request("GET /api/whoami")), "WWW-Authenticate"));
    const std::string quiet = world.raw(request("GET /api/whoami", "X-Requested-With: leveret\r\n"));
    CHECK(status(quiet) == "401");
    CHECK_FALSE(says(quiet, "WWW-Authenticate"));
}
