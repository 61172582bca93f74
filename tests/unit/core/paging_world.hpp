// A virtual host with a queue "q", into which numbered messages of one size go, and out of which they are to come in
// order.
#pragma once

#include "core_world.hpp"

#include <catch2/catch.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace broker {

struct PagingWorld {
    PagingWorld(std::size_t size_of_body, bool durable,
                std::shared_ptr<storage::MemoryDisk> disk = std::make_shared<storage::MemoryDisk>())
        : body_size(size_of_body),
          world(World::Completions::immediate, std::move(disk)) {
        port.open();
        port.ask(declare_queue("q", {.durable = durable}));
    }
    Queue& queue() { return *world.host.find_queue("q"); }
    std::string body(int number) const {
        std::string text = std::to_string(number);
        text.resize(body_size, ' ');
        return text;
    }
    void publish(int first, int last, bool persistent) {
        for (int number = first; number <= last; ++number) {
            port.send(put("q", body(number), {.persistent = persistent}));
        }
    }
    // The number of the next message, with basic.get; -1 for none.
    int get_one() {
        const Lines lines = port.ask(get("q", {.no_ack = true}));
        REQUIRE(lines.size() == 1);
        return lines.front() == "get-empty" ? -1 : std::stoi(lines.front().substr(8));
    }
    void expect(int first, int last) {
        for (int number = first; number <= last; ++number) {
            REQUIRE(get_one() == number);
        }
    }
    const std::size_t body_size;
    World world;
    RecordingPort port{world.host};
};

} // namespace broker
