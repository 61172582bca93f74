#include "tests/unit/protocol/octets.hpp"
#include "tests/unit/protocol/random_values.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace amqp;

namespace {

template <Method M>
bool same_fields(const M& a, const M& b) {
    bool same = true;
    using Fields = boost::describe::describe_members<M, boost::describe::mod_public>;
    boost::mp11::mp_for_each<Fields>([&](auto field) { same = same && a.*field.pointer == b.*field.pointer; });
    return same;
}

// A new seed each run; a failure prints it.
std::uint64_t new_seed() {
    return std::random_device{}();
}

} // namespace

TEST_CASE("round trip: any method is what it was", "[protocol][method][random]") {
    const std::uint64_t seed = new_seed();
    CAPTURE(seed);
    Random random(seed);
    boost::mp11::mp_for_each<AllMethods>([&]<class M>(M) {
        CAPTURE(M::name);
        for (int round = 0; round < 20; ++round) {
            const M method = random.method<M>();
            std::string encoded;
            encode_method(encoded, method);
            REQUIRE(method_id(encoded).value() == M::id);
            REQUIRE(same_fields(decode_method<M>(Bytes(encoded).substr(4)).value(), method));
        }
    });
}

TEST_CASE("round trip: any table is what it was", "[protocol][table][random]") {
    const std::uint64_t seed = new_seed();
    CAPTURE(seed);
    Random random(seed);
    for (int round = 0; round < 500; ++round) {
        const FieldTable table = random.table();
        const std::string encoded = table.encode();
        REQUIRE(FieldTable::decode({encoded}).value() == table);
    }
}

TEST_CASE("round trip: any properties are what they were, octet for octet", "[protocol][properties][random]") {
    const std::uint64_t seed = new_seed();
    CAPTURE(seed);
    Random random(seed);
    for (int round = 0; round < 500; ++round) {
        const BasicProperties properties = random.properties();
        const std::string encoded = properties.encode();
        const BasicProperties decoded = BasicProperties::decode(encoded).value();
        REQUIRE(decoded == properties);
        REQUIRE(hexadecimal(decoded.encode()) == hexadecimal(encoded));
    }
}
