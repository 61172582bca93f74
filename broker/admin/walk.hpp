// All queues or all exchanges of a virtual host, visited on its strand, a bounded number per task: there may be very
// many, and nobody who has messages for the strand should wait for them. Coroutine of the HTTP thread.
#pragma once

#include "broker/admin/api.hpp"

#include <cstddef>
#include <memory>
#include <utility>

namespace broker {

// visit(result, thing) -> how much work it was; 1 for what costs no more than a look at one thing. A thing that comes
// or goes meanwhile may be missed; none is seen twice: when the table has been built anew, the walk begins again.
template <class Result, class Table, class Visit>
boost::asio::awaitable<Result> walk(Api& api, VirtualHostPtr virtual_host, const Table& (VirtualHost::*table)() const,
                                    Visit visit) {
    constexpr std::size_t work_per_task = 8'192, work_of_thing = 8; // the unit is an empty bucket
    struct State {
        Result result{};
        std::size_t bucket = 0, buckets = 0;
        bool done = false;
    };
    const auto state = std::make_shared<State>();
    while (!state->done) {
        auto slice = [state, table, visit](VirtualHost& host) {
            const Table& things = (host.*table)();
            if (things.bucket_count() != state->buckets) {
                *state = State();
                state->buckets = things.bucket_count();
            }
            for (std::size_t work = 0; work < work_per_task && state->bucket < state->buckets; ++state->bucket) {
                ++work;
                for (auto thing = things.begin(state->bucket); thing != things.end(state->bucket); ++thing) {
                    work += work_of_thing * visit(state->result, *thing->second);
                }
            }
            state->done = state->bucket >= state->buckets;
            return true;
        };
        co_await on_strand(api, virtual_host, std::move(slice));
    }
    co_return std::move(state->result);
}

} // namespace broker
