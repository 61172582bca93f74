#include "broker/tls/tls_context.hpp"
#include "tests/support/test_certificates.hpp"

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

using namespace broker;

namespace {

struct World {
    test::TestAuthority authority;
    test::CertificateFiles server = authority.sign("server", "CN=localhost");
    TlsOptions options = [this] {
        TlsOptions made;
        made.name = "ssl_options";
        made.certificate_file = server.certificate;
        made.key_file = server.key;
        made.ca_file = authority.file();
        return made;
    }();
};

} // namespace

TEST_CASE("tls context: what cannot work is said in one line", "[tls]") {
    World world;
    TlsOptions& options = world.options;
    const auto error = [&] {
        try {
            const TlsContext context(options);
            return std::string("no error");
        } catch (const std::runtime_error& problem) {
            return std::string(problem.what());
        }
    };
    SECTION("nothing") {
        CHECK(error() == "no error");
    }
    SECTION("no key") {
        options.key_file.clear();
        CHECK(error() == "ssl_options: TLS needs both certfile and keyfile");
    }
    SECTION("a file that is not there") {
        options.certificate_file = "/nonexistent.pem";
        CHECK(error().starts_with("ssl_options: certfile /nonexistent.pem: "));
    }
    SECTION("another one's key") {
        options.key_file = world.authority.sign("other", "CN=other").key;
        CHECK(error() == "ssl_options: keyfile " + options.key_file + ": key values mismatch");
    }
    SECTION("nobody to vouch for clients") {
        options.verify_peer = true;
        options.ca_file.clear();
        CHECK(error() == "ssl_options: verify_peer needs a cacertfile");
    }
    SECTION("clients without a certificate are refused, but none is asked for one") {
        options.fail_if_no_peer_certificate = true;
        CHECK(error() == "ssl_options: fail_if_no_peer_cert needs verify = verify_peer");
    }
    SECTION("only versions that are broken") {
        options.versions = {"tlsv1.1", "tlsv1"};
        CHECK(error() ==
              "ssl_options: versions: neither tlsv1.3 nor tlsv1.2 is among them, and older ones are not offered");
    }
    SECTION("ciphers that nobody knows") {
        options.ciphers = {"ROT13"};
        CHECK(error() == "ssl_options: ciphers: no cipher match");
    }
}

TEST_CASE("tls context: versions below 1.2 are never offered", "[tls]") {
    World world;
    world.options.versions = {"tlsv1.2", "tlsv1.1", "tlsv1"};
    const TlsContext context(world.options);
    CHECK(SSL_CTX_get_min_proto_version(context.current().get()) == TLS1_2_VERSION);
    CHECK(SSL_CTX_get_max_proto_version(context.current().get()) == TLS1_2_VERSION);
    world.options.versions = {"tlsv1.3"};
    const TlsContext newest(world.options);
    CHECK(SSL_CTX_get_min_proto_version(newest.current().get()) == TLS1_3_VERSION);
}

TEST_CASE("tls context: no renegotiation, no compression, no resumption", "[tls]") {
    World world;
    const TlsContext context(world.options);
    const std::uint64_t wanted =
        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE;
    CHECK((SSL_CTX_get_options(context.current().get()) & wanted) == wanted);
    CHECK(SSL_CTX_get_num_tickets(context.current().get()) == 0);
    CHECK(SSL_CTX_get_session_cache_mode(context.current().get()) == SSL_SESS_CACHE_OFF);
    CHECK(SSL_CTX_get_security_level(context.current().get()) >= 1);
}

TEST_CASE("tls context: files read again are those of new connections", "[tls]") {
    World world;
    TlsContext context(world.options);
    const auto before = context.current();
    const auto expiry = context.expiry().certificate;
    world.authority.sign("server", "CN=localhost", {}, 700);
    CHECK_FALSE(context.reload());
    CHECK(context.current() != before);
    CHECK(context.expiry().certificate > expiry);
}

TEST_CASE("tls context: files that cannot be used change nothing", "[tls]") {
    World world;
    TlsContext context(world.options);
    const auto before = context.current();
    std::ofstream(world.server.certificate) << "garbage";
    CHECK(context.reload()->starts_with("ssl_options: certfile " + world.server.certificate));
    CHECK(context.current() == before);
    std::filesystem::remove(world.server.certificate);
    CHECK(context.reload().has_value());
    CHECK(context.current() == before);
}

TEST_CASE("tls context: a key that everybody may read is noticed", "[tls]") {
    using std::filesystem::perms;
    World world;
    const TlsContext context(world.options);
    std::filesystem::permissions(world.server.key, perms::owner_read);
    CHECK_FALSE(context.key_is_exposed());
    std::filesystem::permissions(world.server.key, perms::owner_read | perms::others_read);
    CHECK(context.key_is_exposed());
}
