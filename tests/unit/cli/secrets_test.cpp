#include "cli/secrets.hpp"

#include <catch2/catch.hpp>

using namespace cli;

TEST_CASE("secrets: a password's hash is the one of RabbitMQ's documents", "[cli]") {
    CHECK(salted_hash("test12", "\x90\x8D\xC6\x0A") == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR");
    CHECK(random_salt().size() == 4);
    CHECK(salted_hash("test12", random_salt()) != salted_hash("test12", random_salt()));
}
