// A real virtual host beside the model of one: every step is done in both, and both have to say and hold the same.
// A failure shows everything that was done before.
#pragma once

#include "../core_world.hpp"
#include "broker_model.hpp"
#include "model_text.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace broker::model {

inline constexpr std::array queue_names{"q0", "q1", "q2", "q3", "q4"};
inline constexpr std::array exchange_names{"e0", "e1", "e2", "e3", "e4", "e5"};

// A step in which the broker is free to decide is tried in so many ways. When there are more than the second number and
// none of those tried was the broker's, nothing is known, and the history ends there.
inline constexpr unsigned ways_tried = 2'000;
inline constexpr double ways_surely_tried = 100;

class Comparison {
 public:
    Comparison() {
        model_.now_ms = world_.clock.now_ms();
        publisher_.open();
    }
    bool lost() const { return lost_; }
    unsigned freely_decided = 0; // steps in which the plain order was not the broker's

 protected:
    using Ask = std::function<Lines()>;
    using Expect = std::function<Lines(Broker&)>;

    // Does the step in both, and lets the model try what is free until both say and hold the same.
    void step(const std::string& what, const Ask& ask, const Expect& expect) {
        story_ += what + "\n";
        const Lines said = ask();
        const std::string held = real_text();
        double ways = 1;
        for (unsigned way = 0; way < ways_tried; ++way) {
            Broker next = model_;
            next.choices = Choices(way);
            if (expect(next) == said && text_of(next) == held) {
                model_ = std::move(next);
                freely_decided += way > 0 ? 1 : 0;
                return;
            }
            ways = std::max(ways, next.choices.ways());
            if (ways == 1) {
                break;
            }
        }
        lost_ = ways > ways_surely_tried;
        if (lost_) {
            return;
        }
        Broker next = model_;
        const Lines wanted = expect(next);
        INFO(story_ << "--- before ---\n" << text_of(model_));
        CHECK(said == wanted);
        REQUIRE(held == text_of(next));
    }

    static std::string text_of(Broker& broker) {
        std::string text;
        for (const char* name : queue_names) {
            const Queue* queue = broker.find_queue(name);
            text += queue != nullptr ? queue_text(*queue) + "\n" : "";
        }
        for (const char* name : exchange_names) {
            const Exchange* exchange = broker.find_exchange(name);
            text += exchange != nullptr && exchange->history_length > 0 ? history_text(*exchange) + "\n" : "";
        }
        return text;
    }
    std::string real_text() {
        std::string text;
        for (const char* name : queue_names) {
            const broker::Queue* queue = world_.host.find_queue(name);
            text += queue != nullptr ? queue_text(*queue, *holders_.at(name)) + "\n" : "";
        }
        for (const char* name : exchange_names) {
            const broker::Exchange* exchange = world_.host.find_exchange(name);
            text += exchange != nullptr && exchange->parts.history ? history_text(*exchange) + "\n" : "";
        }
        return text;
    }

    World world_;
    RecordingPort publisher_{world_.host};
    std::map<std::string, std::unique_ptr<RecordingPort>> holders_; // of each queue's deliveries
    Broker model_;

 private:
    std::string story_;
    bool lost_ = false;
};

} // namespace broker::model
