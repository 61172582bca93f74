// Compares the described structs with the table of all methods in tests/data.
#include "protocol/methods.hpp"

#include <boost/mp11/algorithm.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace amqp;

namespace {

std::map<MethodId, std::string> read_methods_file() {
    std::ifstream file(METHODS_FILE);
    REQUIRE(file.is_open());
    std::map<MethodId, std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) {
            continue;
        }
        std::istringstream words(line);
        MethodId id;
        words >> id.class_id >> id.method_id;
        CAPTURE(line);
        REQUIRE(words);
        REQUIRE(lines.emplace(id, line).second);
    }
    return lines;
}

std::string_view wire_type(bool) {
    return "bit";
}
std::string_view wire_type(std::uint8_t) {
    return "octet";
}
std::string_view wire_type(std::uint16_t) {
    return "short";
}
std::string_view wire_type(std::uint32_t) {
    return "long";
}
std::string_view wire_type(std::uint64_t) {
    return "longlong";
}
std::string_view wire_type(ShortString) {
    return "shortstr";
}
std::string_view wire_type(LongString) {
    return "longstr";
}
std::string_view wire_type(EncodedTable) {
    return "table";
}

template <Method M>
std::string line_of() {
    std::ostringstream line;
    line << M::id.class_id << ' ' << M::id.method_id << ' ' << M::name;
    using Fields = boost::describe::describe_members<M, boost::describe::mod_public>;
    boost::mp11::mp_for_each<Fields>(
        [&](auto field) { line << ' ' << field.name << ':' << wire_type(M{}.*field.pointer); });
    return line.str();
}

template <class List>
std::set<MethodId> ids() {
    std::set<MethodId> result;
    boost::mp11::mp_for_each<List>([&]<class M>(M) { result.insert(M::id); });
    CHECK(result.size() == List::size);
    return result;
}

} // namespace

TEST_CASE("methods: each is as the specification's table says", "[protocol][method][spec]") {
    std::map<MethodId, std::string> expected = read_methods_file();
    boost::mp11::mp_for_each<AllMethods>([&]<class M>(M) {
        CHECK(line_of<M>() == expected[M::id]);
        expected.erase(M::id);
    });
    for (const auto& [id, line] : expected) {
        FAIL_CHECK("no struct for " << line);
    }
}

TEST_CASE("methods: 66 of them, each once, in the order of their ids", "[protocol][method][spec]") {
    CHECK(ids<AllMethods>().size() == 66);
    MethodId previous{};
    boost::mp11::mp_for_each<AllMethods>([&]<class M>(M) {
        CHECK(previous < M::id);
        previous = M::id;
    });
}

TEST_CASE("methods: class connection is for channel 0, all others are not", "[protocol][method][spec]") {
    for (const MethodId id : ids<ServerConnectionMethods>()) {
        CHECK(id.class_id == connection::Start::id.class_id);
    }
    for (const MethodId id : ids<ServerChannelMethods>()) {
        CHECK(id.class_id != connection::Start::id.class_id);
    }
}

TEST_CASE("methods: a server accepts whatever is not its own", "[protocol][method][spec]") {
    // What only servers send: answers and the methods that clients answer or just take note of.
    const std::set<std::string_view> clients_answers{"connection.start-ok", "connection.secure-ok",
                                                     "connection.tune-ok",  "connection.close-ok",
                                                     "channel.close-ok",    "basic.cancel-ok"};
    const std::set<std::string_view> servers_own{"connection.start",   "connection.secure",    "connection.tune",
                                                 "connection.blocked", "connection.unblocked", "basic.return",
                                                 "basic.deliver",      "basic.get-empty"};
    std::set<MethodId> accepted = ids<ServerConnectionMethods>();
    accepted.merge(ids<ServerChannelMethods>());
    boost::mp11::mp_for_each<AllMethods>([&]<class M>(M) {
        CAPTURE(M::name);
        const bool answer = M::name.ends_with("-ok");
        CHECK(accepted.contains(M::id) ==
              (answer ? clients_answers.contains(M::name) : !servers_own.contains(M::name)));
    });
}
