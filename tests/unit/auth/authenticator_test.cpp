#include "broker/auth/user_store_authenticator.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <optional>
#include <string>

using namespace broker;
using namespace std::string_literals;
using Status = AuthResult::Status;

namespace {

const PeerAddress local = *PeerAddress::parse("127.0.0.1");
const PeerAddress remote = *PeerAddress::parse("10.0.0.1");

// A store, an authenticator over it, and a background pool that runs when it is told to.
struct Node {
    UserStore store;
    storage::Batch batch;
    std::deque<std::function<void()>> background;
    std::size_t jobs = 0;
    UserStoreAuthenticator authenticator;

    explicit Node(UserStoreAuthenticator::Options options = {.default_algorithm = HashingAlgorithm::sha256})
        : authenticator(
              store, [this](std::function<void()> job) { background.push_back(std::move(job)); }, options) {}

    void add(std::string name, std::string_view password, HashingAlgorithm algorithm = HashingAlgorithm::sha256) {
        UserDefinition definition;
        definition.name = std::move(name);
        definition.tags.emplace();
        store.put_user(definition, hash_password(password, algorithm), batch).value();
    }
    void run_background() {
        for (; !background.empty(); ++jobs) {
            auto job = std::move(background.front());
            background.pop_front();
            job();
        }
    }
    AuthResult login(std::string_view mechanism, std::string_view response, const PeerAddress& peer = local) {
        std::optional<AuthResult> result;
        authenticator.authenticate(mechanism, response, peer, [&](AuthResult done) {
            REQUIRE_FALSE(result);
            result = std::move(done);
        });
        run_background();
        REQUIRE(result);
        CHECK(result->accepted() == (result->user != nullptr));
        CHECK(result->accepted() == result->log_text.empty());
        return *result;
    }
    AuthResult plain(const std::string& user, const std::string& password, const PeerAddress& peer = local) {
        return login("PLAIN", "\0"s + user + "\0"s + password, peer);
    }
};

} // namespace

TEST_CASE("authenticator: the right password is accepted, with the user as of now", "[auth][P11]") {
    const auto algorithm = GENERATE(HashingAlgorithm::sha256, HashingAlgorithm::sha512, HashingAlgorithm::argon2id);
    Node node;
    node.add("alice", "pw", algorithm);
    const AuthResult result = node.plain("alice", "pw");
    REQUIRE(result.accepted());
    CHECK(result.user == node.store.table()->find("alice"));
}

TEST_CASE("authenticator: AMQPLAIN knows the same users", "[auth][P12]") {
    Node node;
    node.add("alice", "pw");
    CHECK(node.login("AMQPLAIN", "\x05LOGINS\0\0\0\5alice\x08PASSWORDS\0\0\0\2pw"s).accepted());
    CHECK(node.login("AMQPLAIN", "\x05LOGINS\0\0\0\5alice\x08PASSWORDS\0\0\0\2px"s).log_text ==
          "AMQPLAIN login refused: user 'alice' - invalid credentials");
}

TEST_CASE("authenticator: a refusal does not tell why", "[auth][P17]") {
    const auto algorithm = GENERATE(HashingAlgorithm::sha256, HashingAlgorithm::argon2id);
    Node node;
    node.add("alice", "pw", algorithm);
    node.add("closed", "", algorithm);
    struct Row {
        std::string user, password;
    };
    const auto row = GENERATE(values<Row>({
        {"alice", "wrong"},
        {"alice", ""},
        {"closed", ""},
        {"closed", "x"},
        {"nobody", "pw"},
        {"", ""},
        {"ALICE", "pw"},
    }));
    const AuthResult result = node.plain(row.user, row.password);
    CHECK(result.status == Status::refused);
    CHECK(result.log_text == "PLAIN login refused: user '" + row.user + "' - invalid credentials");
}

TEST_CASE("authenticator: unreadable responses and unknown mechanisms have their own status", "[auth][P16]") {
    Node node;
    CHECK(node.login("PLAIN", "guest").status == Status::malformed);
    CHECK(node.login("AMQPLAIN", "").status == Status::malformed);
    const AuthResult unknown = node.login("EXTERNAL", "");
    CHECK(unknown.status == Status::unknown_mechanism);
    CHECK(unknown.log_text == "unknown authentication mechanism 'EXTERNAL'");
    CHECK(node.authenticator.mechanisms() == "PLAIN AMQPLAIN");
}

TEST_CASE("authenticator: only the mechanisms of the settings are offered, in their order", "[auth][P16]") {
    Node node({.default_algorithm = HashingAlgorithm::sha256, .mechanisms = {"AMQPLAIN"}});
    node.add("alice", "pw");
    CHECK(node.authenticator.mechanisms() == "AMQPLAIN");
    CHECK(node.plain("alice", "pw").status == Status::unknown_mechanism);
}

TEST_CASE("authenticator: ANONYMOUS becomes the user of the settings, by the same rules", "[auth][P15]") {
    Node node({.default_algorithm = HashingAlgorithm::sha256,
               .mechanisms = {"PLAIN", "AMQPLAIN", "ANONYMOUS"},
               .anonymous = {"guest", "guest"}});
    CHECK(node.authenticator.mechanisms() == "PLAIN AMQPLAIN ANONYMOUS");
    CHECK(node.login("ANONYMOUS", "").status == Status::refused); // there is no such user
    node.add("guest", "changed");
    CHECK(node.login("ANONYMOUS", "").log_text == "ANONYMOUS login refused: user 'guest' - invalid credentials");
    node.add("guest", "guest");
    CHECK(node.login("ANONYMOUS", "somebody").user->name == "guest");
    CHECK(node.login("ANONYMOUS", "", remote).status == Status::loopback_only);
}

TEST_CASE("authenticator: without a user for it ANONYMOUS is not offered", "[auth][P15]") {
    Node node({.default_algorithm = HashingAlgorithm::sha256, .mechanisms = {"ANONYMOUS", "PLAIN"}});
    CHECK(node.authenticator.mechanisms() == "PLAIN");
    CHECK(node.login("ANONYMOUS", "").status == Status::unknown_mechanism);
}

TEST_CASE("authenticator: EXTERNAL is offered and taken only with a certificate", "[auth][P13]") {
    UserStoreAuthenticator::Options options{.default_algorithm = HashingAlgorithm::sha256};
    options.mechanisms = {"PLAIN", "EXTERNAL"};
    Node node(options);
    node.add("CN=alice", "pw");
    node.add("guest", "guest");
    CHECK(node.authenticator.mechanisms() == "PLAIN");
    CHECK(node.authenticator.mechanisms_with_certificate() == "PLAIN EXTERNAL");
    CHECK(node.login("EXTERNAL", "CN=alice").status == Status::unknown_mechanism);
    const auto login = [](Node& of, std::string_view user, const PeerAddress& peer) {
        std::optional<AuthResult> result;
        of.authenticator.authenticate_certificate(user, peer, [&](AuthResult done) { result = std::move(done); });
        return *result;
    };
    CHECK(login(node, "CN=alice", remote).accepted());
    CHECK(login(node, "CN=bob", remote).log_text ==
          "EXTERNAL login refused: user 'CN=bob' - the certificate names no user");
    CHECK(login(node, "guest", remote).status == Status::loopback_only);
    Node without;
    without.add("CN=alice", "pw");
    CHECK(login(without, "CN=alice", remote).status == Status::unknown_mechanism);
}

TEST_CASE("authenticator: loopback users come from this machine only", "[auth][P18]") {
    const auto algorithm = GENERATE(HashingAlgorithm::sha256, HashingAlgorithm::argon2id);
    Node node;
    node.add("guest", "guest", algorithm);
    node.add("alice", "pw", algorithm);
    CHECK(node.plain("guest", "guest", local).accepted());
    CHECK(node.plain("guest", "guest", *PeerAddress::parse("::1")).accepted());
    CHECK(node.plain("guest", "guest", *PeerAddress::parse("::ffff:127.0.0.1")).accepted());
    CHECK(node.plain("alice", "pw", remote).accepted());
    const AuthResult result = node.plain("guest", "guest", remote);
    CHECK(result.status == Status::loopback_only);
    CHECK(result.log_text == "user 'guest' can only connect via localhost");
    CHECK(node.plain("guest", "wrong", remote).status == Status::refused); // the password is not given away
    CHECK(node.plain("guest", "guest", PeerAddress()).status == Status::loopback_only);
}

TEST_CASE("authenticator: loopback_users may be others or none", "[auth][P18]") {
    Node none({.loopback_users = {}, .default_algorithm = HashingAlgorithm::sha256});
    none.add("guest", "guest");
    CHECK(none.plain("guest", "guest", remote).accepted());
    Node alice({.loopback_users = {"alice"}, .default_algorithm = HashingAlgorithm::sha256});
    alice.add("alice", "pw");
    CHECK(alice.plain("alice", "pw", remote).status == Status::loopback_only);
}

TEST_CASE("authenticator: HTTP's credentials are checked in the same way", "[auth]") {
    Node node;
    node.add("guest", "guest");
    const auto login = [&](std::string_view user, std::string_view password, const PeerAddress& peer) {
        std::optional<AuthResult> result;
        node.authenticator.authenticate_password(user, password, peer, [&](AuthResult done) { result = done; });
        return result.value();
    };
    CHECK(login("guest", "guest", local).accepted());
    CHECK(login("guest", "guest", remote).status == Status::loopback_only);
    CHECK(login("guest", "guess", local).log_text == "HTTP login refused: user 'guest' - invalid credentials");
    CHECK(login("guest", std::string(1'000'000, 'x'), local).status == Status::refused);
    CHECK(login(std::string(1'000'000, 'x'), "p", local).log_text.size() < 400);
}

TEST_CASE("authenticator: SHA is checked at once, argon2 in the background and then remembered", "[auth]") {
    Node node;
    node.add("fast", "pw");
    node.add("slow", "pw", HashingAlgorithm::argon2id);
    CHECK(node.plain("fast", "pw").accepted());
    CHECK(node.jobs == 0);
    CHECK(node.plain("slow", "pw").accepted());
    CHECK(node.jobs == 1);
    CHECK(node.plain("slow", "pw").accepted());
    CHECK(node.jobs == 1); // remembered
    CHECK(node.plain("slow", "no").status == Status::refused);
    CHECK(node.plain("slow", "no").status == Status::refused);
    CHECK(node.jobs == 3); // failures are not
}

TEST_CASE("authenticator: a change of the user ends what was remembered", "[auth]") {
    Node node;
    node.add("slow", "old", HashingAlgorithm::argon2id);
    CHECK(node.plain("slow", "old").accepted());
    CHECK(node.store.change_password("slow", hash_password("new", HashingAlgorithm::argon2id), node.batch).has_value());
    CHECK(node.plain("slow", "old").status == Status::refused);
    CHECK(node.plain("slow", "new").accepted());
    CHECK(node.store.delete_user("slow", node.batch).has_value());
    CHECK(node.plain("slow", "new").status == Status::refused);
}

TEST_CASE("authenticator: unknown users take the way of the default algorithm", "[auth]") {
    Node node({.default_algorithm = HashingAlgorithm::argon2id});
    node.add("closed", "");
    CHECK(node.plain("nobody", "pw").status == Status::refused);
    CHECK(node.jobs == 1);
    CHECK(node.plain("closed", "pw").status == Status::refused);
    CHECK(node.jobs == 2);
}

TEST_CASE("authenticator: too many logins at once are refused, not queued", "[auth]") {
    Node node({.default_algorithm = HashingAlgorithm::argon2id, .max_pending = 2});
    std::vector<AuthResult> results;
    for (int attempt = 0; attempt < 3; ++attempt) {
        node.authenticator.authenticate("PLAIN", "\0nobody\0pw"s, local,
                                        [&](AuthResult result) { results.push_back(std::move(result)); });
    }
    REQUIRE(results.size() == 1);
    CHECK(results[0].log_text == "PLAIN login refused: user 'nobody' - too many logins are being checked");
    node.run_background();
    CHECK(results.size() == 3);
    CHECK(node.plain("nobody", "pw").log_text == "PLAIN login refused: user 'nobody' - invalid credentials");
}

TEST_CASE("authenticator: a user deleted while its password is checked does not get in", "[auth]") {
    Node node;
    node.add("slow", "pw", HashingAlgorithm::argon2id);
    std::optional<AuthResult> result;
    node.authenticator.authenticate("PLAIN", "\0slow\0pw"s, local, [&](AuthResult done) { result = done; });
    CHECK(node.store.delete_user("slow", node.batch).has_value());
    node.run_background();
    REQUIRE(result);
    CHECK(result->status == Status::refused);
}

TEST_CASE("authenticator: permissions are those of now, and null without access", "[auth][P20]") {
    Node node;
    node.add("alice", "pw");
    const auto generation = node.authenticator.generation();
    CHECK(node.authenticator.permissions("alice", "/") == nullptr);
    CHECK(node.authenticator.permissions("nobody", "/") == nullptr);
    CHECK(node.store.set_permissions("alice", "/", {"^a", ".*", ""}, node.batch).has_value());
    CHECK(node.authenticator.generation() != generation);
    const PermissionsPtr permissions = node.authenticator.permissions("alice", "/");
    REQUIRE(permissions);
    CHECK(permissions->allows(Access::configure, "a"));
    CHECK_FALSE(permissions->allows(Access::configure, "b"));
    CHECK(node.store.clear_permissions("alice", "/", node.batch).has_value());
    CHECK(permissions->allows(Access::configure, "a")); // until the session asks again
    CHECK(node.authenticator.permissions("alice", "/") == nullptr);
    CHECK(node.authenticator.find_user("alice") == node.store.table()->find("alice"));
}
