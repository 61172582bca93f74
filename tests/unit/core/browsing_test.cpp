// Looking at a queue without touching it, and taking, moving and copying messages out of its middle; in memory and
// only in the store.
#include "broker/core/way_back.hpp"
#include "core_world.hpp"

#include <catch2/catch.hpp>

using namespace broker;

namespace {

constexpr std::size_t large = 64 << 10;
constexpr int resident = static_cast<int>(Queue::max_resident_bytes / large);
using How = Relocation::How;

std::string body(int number) {
    std::string text = std::to_string(number) + ' ';
    text.resize(large, '.');
    return text;
}

std::string first_word(std::string_view text) {
    return std::string(text.substr(0, text.find(' ')));
}

struct Browsing {
    explicit Browsing(std::shared_ptr<storage::MemoryDisk> disk = std::make_shared<storage::MemoryDisk>(),
                      bool fresh = true)
        : world(World::Completions::immediate, std::move(disk)) {
        port.open();
        if (fresh) {
            port.ask(declare_queue("q", {.durable = true}), declare_queue("other", {.durable = true}));
        }
    }
    void publish(int first, int last, bool persistent = true) {
        for (int number = first; number <= last; ++number) {
            port.send(put("q", body(number), {.persistent = persistent}));
        }
    }
    BrowsedSlice slice(const std::string& queue, Place after = {}, std::size_t max = browsed_per_slice) {
        std::optional<BrowsedSlice> result;
        world.host.run([&](VirtualHost& host) {
            host.browse(queue, after, max, [&](BrowsedSlice found) { result = std::move(found); });
        });
        REQUIRE(result.has_value());
        return std::move(*result);
    }
    std::vector<BrowsedMessage> all(const std::string& queue, std::size_t max = browsed_per_slice) {
        std::vector<BrowsedMessage> messages;
        for (Place place;;) {
            BrowsedSlice next = slice(queue, place, max);
            REQUIRE((next.end || !next.messages.empty()));
            place = next.next;
            std::move(next.messages.begin(), next.messages.end(), std::back_inserter(messages));
            if (next.end) {
                return messages;
            }
        }
    }
    Lines words(const std::string& queue, std::size_t max = browsed_per_slice) {
        Lines found;
        for (const BrowsedMessage& message : all(queue, max)) {
            found.push_back(first_word(message.ready.message->body()));
        }
        return found;
    }
    // Carries out an order for those of a slice that are among `numbers`; straight to a queue.
    Relocated relocate(const BrowsedSlice& slice, How how, const Lines& numbers, const std::string& to = "") {
        Relocation relocation{how, slice.queue, slice.revision};
        for (const BrowsedMessage& seen : slice.messages) {
            if (std::ranges::find(numbers, first_word(seen.ready.message->body())) != numbers.end()) {
                relocation.items.push_back({seen, how == How::remove ? nullptr : seen.ready.message, to});
            }
        }
        Relocated result;
        world.host.run([&](VirtualHost& host) { result = host.relocate("q", relocation); });
        return result;
    }
    Lines drained(const std::string& queue) {
        Lines result;
        for (;;) {
            const Lines got = port.ask(get(queue, {.no_ack = true}));
            if (got == Lines{"get-empty"}) {
                return result;
            }
            REQUIRE(got.size() == 1);
            result.push_back(first_word(got.front().substr(got.front().find('\'') + 1)));
        }
    }
    Queue& queue(std::string_view name = "q") { return *world.host.find_queue(name); }

    World world;
    RecordingPort port{world.host};
};

Lines numbers(int first, int last) {
    Lines lines;
    for (int number = first; number <= last; ++number) {
        lines.push_back(std::to_string(number));
    }
    return lines;
}

Lines without(Lines lines, const Lines& gone) {
    std::erase_if(lines, [&](const std::string& line) { return std::ranges::find(gone, line) != gone.end(); });
    return lines;
}

} // namespace

TEST_CASE("browsing: shows all in order, in memory and only in the store, and changes nothing", "[core][browsing]") {
    Browsing test;
    const int last = 3 * resident;
    test.publish(1, last);
    const std::uint64_t in_memory = test.queue().resident(), footprint = test.queue().footprint();
    REQUIRE(in_memory < static_cast<std::uint64_t>(last));
    const std::size_t slice = GENERATE(std::size_t{7}, browsed_per_slice);
    CHECK(test.words("q", slice) == numbers(1, last));
    CHECK(test.words("q", slice) == numbers(1, last));
    CHECK(test.queue().resident() == in_memory);
    CHECK(test.queue().footprint() == footprint);
    for (const BrowsedMessage& seen : test.all("q")) {
        REQUIRE_FALSE(seen.ready.redelivered);
    }
    CHECK(test.drained("q") == numbers(1, last));
}

TEST_CASE("browsing: transient messages among stored ones stand in their places", "[core][browsing]") {
    Browsing test;
    const int last = 2 * resident;
    for (int number = 1; number <= last; ++number) {
        test.publish(number, number, number % 3 != 0);
    }
    CHECK(test.words("q", 5) == numbers(1, last));
    CHECK(test.words("q") == numbers(1, last));
}

TEST_CASE("browsing: by priority first; what is unacknowledged is not ready", "[core][browsing]") {
    Browsing test;
    test.port.ask(declare_queue("p", {.arguments = {{"x-max-priority", 5}}}));
    for (const auto& [text, priority] :
         std::vector<std::pair<std::string, std::uint8_t>>{{"a", 1}, {"b", 9}, {"c", 0}, {"d", 5}, {"e", 1}}) {
        test.port.send(put("p", text, {.priority = priority}));
    }
    CHECK(test.words("p", 1) == Lines{"b", "d", "a", "e", "c"});
    test.port.ask(get("p"));
    CHECK(test.words("p") == Lines{"d", "a", "e", "c"});
    test.port.requeue("b");
    CHECK(test.words("p", 2) == Lines{"b", "d", "a", "e", "c"});
    CHECK(test.all("p").front().ready.redelivered);
}

TEST_CASE("browsing: after a restart everything is only in the store, and shown", "[core][browsing]") {
    auto disk = std::make_shared<storage::MemoryDisk>();
    {
        Browsing test(disk);
        test.publish(1, 20);
    }
    Browsing test(disk, false);
    CHECK(test.words("q", 3) == numbers(1, 20));
    CHECK(test.queue().resident() == 0);
}

TEST_CASE("browsing: no such queue, and a queue that is exclusive to somebody", "[core][browsing]") {
    Browsing test;
    test.port.ask(declare_queue("mine", {.exclusive = true}));
    CHECK(test.slice("nothing").queue == 0);
    CHECK(test.slice("mine").exclusive);
}

TEST_CASE("relocation: messages are deleted from the middle, here and in the store", "[core][relocation]") {
    Browsing test;
    const int last = 3 * resident;
    test.publish(1, last);
    const Lines gone{"2", "5", std::to_string(2 * resident), std::to_string(last)};
    std::uint64_t done = 0;
    for (Place place;;) {
        const BrowsedSlice slice = test.slice("q", place);
        done += test.relocate(slice, How::remove, gone).done;
        place = slice.next;
        if (slice.end) {
            break;
        }
    }
    CHECK(done == gone.size());
    const Lines left = without(numbers(1, last), gone);
    CHECK(test.world.ready("q") == left.size());
    CHECK(test.queue().ready_bytes() == left.size() * large);
    CHECK(test.world.stored("q").size() == left.size());
    CHECK(test.words("q") == left);
    CHECK(test.drained("q") == left);
    CHECK(test.world.stored("q").empty());
}

TEST_CASE("relocation: a page that was asked for does not bring back what is gone", "[core][relocation]") {
    auto disk = std::make_shared<storage::MemoryDisk>();
    {
        Browsing test(disk);
        test.publish(1, 20);
    }
    Browsing test(disk, false);
    const BrowsedSlice slice = test.slice("q");
    test.world.store.set_completions(World::Completions::manual);
    test.publish(21, 22);
    test.world.host.run([&](VirtualHost&) { test.queue().pump(); }); // the page is asked for
    CHECK(test.relocate(slice, How::remove, {"3", "15"}).done == 2); // a page has 16
    test.publish(23, 23);
    test.world.store.set_completions(World::Completions::immediate);
    const Lines left = without(numbers(1, 23), {"3", "15"});
    CHECK(test.world.ready("q") == left.size());
    CHECK(test.queue().ready_bytes() == left.size() * large);
    CHECK(test.words("q") == left);
    CHECK(test.drained("q") == left);
    CHECK(test.world.stored("q").empty());
}

TEST_CASE("relocation: what moves is in the other queue and out of this one in one commit", "[core][relocation]") {
    auto disk = std::make_shared<storage::MemoryDisk>();
    {
        Browsing test(disk);
        test.publish(1, 3 * resident);
        const BrowsedSlice in_memory = test.slice("q");
        const BrowsedSlice in_store = test.slice("q", in_memory.next);
        REQUIRE(in_store.messages.front().only_stored);
        const std::string stored = first_word(in_store.messages.front().ready.message->body());
        CHECK(test.relocate(in_memory, How::move, {"1", "3"}, "other").done == 2);
        CHECK(test.relocate(in_store, How::move, {stored}, "other").done == 1);
        CHECK(test.world.stored("other").size() == 3);
        CHECK(test.words("other") == Lines{"1", "3", stored});
    }
    Browsing test(disk, false);
    CHECK(test.words("other").size() == 3);
    CHECK(test.world.ready("q") == static_cast<std::uint64_t>(3 * resident - 3));
    CHECK(test.drained("q").front() == "2");
}

TEST_CASE("relocation: copies leave the queue as it is", "[core][relocation]") {
    Browsing test;
    test.publish(1, 5);
    CHECK(test.relocate(test.slice("q"), How::copy, {"2", "4"}, "other").done == 2);
    CHECK(test.words("q") == numbers(1, 5));
    CHECK(test.words("other") == Lines{"2", "4"});
}

TEST_CASE("relocation: what reaches no queue or a full one stays", "[core][relocation]") {
    Browsing test;
    test.port.ask(declare_queue("full", {.arguments = {{"x-max-length", 1}, {"x-overflow", "reject-publish"}}}));
    test.publish(1, 3);
    CHECK(test.relocate(test.slice("q"), How::move, {"1"}, "nowhere").unroutable == 1);
    const Relocated result = test.relocate(test.slice("q"), How::move, numbers(1, 3), "full");
    CHECK(result.done == 1);
    CHECK(result.refused == 2);
    CHECK(test.words("q") == Lines{"2", "3"});
}

TEST_CASE("relocation: what has left meanwhile is not carried", "[core][relocation]") {
    Browsing test;
    test.publish(1, 3);
    const BrowsedSlice slice = test.slice("q");
    SECTION("delivered") {
        test.port.ask(get("q"));
        CHECK(test.relocate(slice, How::move, numbers(1, 3), "other").done == 2);
        CHECK(test.words("other") == Lines{"2", "3"});
    }
    SECTION("purged") {
        test.port.ask(PurgeQueue{"q"});
        test.publish(4, 4);
        CHECK(test.relocate(slice, How::move, numbers(1, 3), "other").done == 0);
        CHECK(test.words("q") == Lines{"4"});
    }
    SECTION("with a queue of the same name that has the same numbers") {
        test.port.ask(DeleteQueue{"q"}, declare_queue("q", {.durable = true}));
        test.publish(7, 9);
        CHECK(test.relocate(slice, How::move, numbers(1, 9), "other").done == 0);
        CHECK(test.world.ready("q") == 3);
    }
}

TEST_CASE("relocation: two who take from the store do not take the same", "[core][relocation]") {
    auto disk = std::make_shared<storage::MemoryDisk>();
    {
        Browsing test(disk);
        test.publish(1, 5);
    }
    Browsing test(disk, false);
    const BrowsedSlice seen = test.slice("q");
    CHECK(test.relocate(seen, How::move, {"2"}, "other").done == 1);
    const Relocated late = test.relocate(seen, How::move, {"2", "3"}, "other");
    CHECK(late.stale);
    CHECK(late.done == 0);
    CHECK(test.relocate(test.slice("q"), How::move, {"2", "3"}, "other").done == 1);
    CHECK(test.words("other") == Lines{"2", "3"});
    CHECK(test.words("q") == Lines{"1", "4", "5"});
    CHECK(test.drained("q") == Lines{"1", "4", "5"});
}

TEST_CASE("relocation: through an exchange it is routed as what is published", "[core][relocation]") {
    Browsing test;
    test.port.ask(declare_exchange("x", "topic"), bind_queue("other", "x", "a.#"));
    test.publish(1, 2);
    const BrowsedSlice slice = test.slice("q");
    Relocation relocation{How::move, slice.queue, slice.revision};
    for (const char* key : {"a.b", "b"}) {
        const amqp::Message& message = *slice.messages[relocation.items.size()].ready.message;
        relocation.items.push_back({slice.messages[relocation.items.size()],
                                    amqp::Message::make("x", key, message.properties(), message.body()), ""});
    }
    Relocated result;
    test.world.host.run([&](VirtualHost& host) { result = host.relocate("q", relocation); });
    CHECK(result.done == 1);
    CHECK(result.unroutable == 1);
    CHECK(test.words("other") == Lines{"1"});
    CHECK(test.words("q") == Lines{"2"});
}

TEST_CASE("way back: of a dead letter, as it was where it died; not of a made up story", "[core][relocation]") {
    Browsing test;
    test.port.ask(
        declare_queue("w", {.arguments = {{"x-dead-letter-exchange", ""}, {"x-dead-letter-routing-key", "other"}}}),
        declare_exchange("x", "fanout"), bind_queue("w", "x"));
    test.port.ask(publish("x", "key", "m", {.headers = {{"kept", 1}}}), get("w"));
    test.port.reject("m");
    const auto dead = test.all("other");
    REQUIRE(dead.size() == 1);
    const auto way = way_back(*dead.front().ready.message);
    REQUIRE(way.has_value());
    CHECK(way->queue == "w");
    CHECK(way->message->exchange() == "x");
    CHECK(way->message->routing_key() == "key");
    CHECK(way->message->deaths() == 0);
    MessageContent content(*way->message);
    CHECK(*content.headers() == amqp::FieldTable{{"kept", 1}});
    const amqp::Array story{amqp::FieldTable{{"queue", "victim"}}};
    CHECK_FALSE(way_back(*make_message("", "q", "m", {.headers = {{"x-death", story}}})).has_value());
    CHECK_FALSE(way_back(*make_message("", "q", "m")).has_value());
}

TEST_CASE("settings: arguments change in place, hold at once and after a restart", "[core][queue-settings]") {
    auto disk = std::make_shared<storage::MemoryDisk>();
    const auto change = [](Browsing& test, ArgumentChange wanted) {
        std::string result;
        test.world.host.run([&](VirtualHost& host) {
            const auto changed = host.change_queue("q", wanted);
            result = changed.has_error() ? changed.error().reply_text() : "";
        });
        return result;
    };
    {
        Browsing test(disk);
        test.publish(1, 5, false);
        CHECK(change(test, {.set = {{"x-max-length", 3}, {"x-overflow", "drop-head"}}, .erase = {}}).empty());
        CHECK(test.words("q") == numbers(3, 5));
        CHECK(change(test, {.set = {{"x-max-priority", 4}}, .erase = {"x-overflow"}}).empty());
        test.port.send(put("q", "first", {.priority = 4}));
        CHECK(test.words("q").front() == "first");
        CHECK(change(test, {.set = {{"x-queue-type", "quorum"}}, .erase = {}}) ==
              "PRECONDITION_FAILED - the argument 'x-queue-type' of queue 'q' in vhost '/' cannot change");
        CHECK(change(test, {.set = {{"x-what", 1}}, .erase = {}}) ==
              "PRECONDITION_FAILED - the argument 'x-what' of queue 'q' in vhost '/' is not known");
        CHECK_FALSE(change(test, {.set = {{"x-message-ttl", -1}}, .erase = {}}).empty());
        CHECK(test.queue().options().message_ttl_ms == std::nullopt);
    }
    Browsing test(disk, false);
    const amqp::FieldTable same{{"x-max-length", 3}, {"x-max-priority", 4}};
    CHECK(test.port.ask(declare_queue("q", {.durable = true, .arguments = same})) == Lines{"declared q 0/0"});
    CHECK(test.port.ask(declare_queue("q", {.durable = true})).front().starts_with("failed 406"));
}
