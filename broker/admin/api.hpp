// What handlers work with: the node, the io_context of the HTTP thread, and ways to wait for others without blocking
// it. Owned by the HttpServer. The io_context is shared with everything that will call back, so that a late answer
// after the server has stopped finds one.
//
// GCC 12 copies closures and braced aggregates within a co_await expression bit by bit, and destroys both: what
// captures or holds more than references is a variable of its own, moved into the call.
#pragma once

#include "broker/admin/http_server.hpp"
#include "broker/admin/login_sessions.hpp"
#include "broker/admin/node.hpp"
#include "broker/admin/rate_keys.hpp"
#include "broker/admin/rates.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace broker {

using VirtualHostPtr = std::shared_ptr<VirtualHost>;

struct Api {
    Node& node;
    const HttpOptions& options;
    std::shared_ptr<boost::asio::io_context> io = std::make_shared<boost::asio::io_context>(1);
    boost::asio::thread_pool hashing{1}; // argon2 takes its time
    LoginSessions sessions{};
    Rates rates{};
    RateKeys rate_keys{};

    const std::string& node_name() const { return node.info().node_name; }
    std::int64_t now_ms() const { return node.clock().now_ms(); }
};

// Calls start(done) and waits until somebody, on any thread, calls done(value), once.
template <class T, class Start>
boost::asio::awaitable<T> wait_for(std::shared_ptr<boost::asio::io_context> io, Start start) {
    auto initiate = [io = std::move(io), start = std::move(start)](auto handler) mutable {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto work = boost::asio::make_work_guard(*io); // the answer is still to come
        start(std::function<void(T)>([io, shared, work](T value) {
            boost::asio::post(*io, [shared, value = std::move(value)]() mutable { (*shared)(std::move(value)); });
        }));
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(T)>(std::move(initiate),
                                                                                      boost::asio::use_awaitable);
}

// Runs `function` on the strand of the virtual host and brings its result here.
template <class Function>
auto on_strand(Api& api, VirtualHostPtr virtual_host, Function function)
    -> boost::asio::awaitable<std::invoke_result_t<Function, VirtualHost&>> {
    using T = std::invoke_result_t<Function, VirtualHost&>;
    return wait_for<T>(api.io, [virtual_host = std::move(virtual_host),
                                function = std::move(function)](std::function<void(T)> done) mutable {
        VirtualHost& host = *virtual_host;
        host.run([virtual_host = std::move(virtual_host), function = std::move(function),
                  done = std::move(done)](VirtualHost& on_it) mutable { done(function(on_it)); });
    });
}

// Copies for many names, a bounded number per task: copy(virtual_host, name, copies) adds what there is; take(copy&)
// gets them one after the other, here.
template <class T, class Copy, class Take>
boost::asio::awaitable<void> for_each_copy(Api& api, VirtualHostPtr virtual_host, std::vector<std::string> names,
                                           Copy copy, Take take) {
    constexpr std::size_t names_per_task = 128;
    const auto shared_names = std::make_shared<const std::vector<std::string>>(std::move(names));
    for (std::size_t first = 0; first < shared_names->size(); first += names_per_task) {
        const std::size_t last = std::min(first + names_per_task, shared_names->size());
        auto copy_some = [=](VirtualHost& host) {
            std::vector<T> copies;
            for (std::size_t i = first; i < last; ++i) {
                copy(host, (*shared_names)[i], copies);
            }
            return copies;
        };
        std::vector<T> some = co_await on_strand(api, virtual_host, std::move(copy_some));
        for (T& each : some) {
            take(each);
        }
    }
}

// The same, all of them.
template <class T, class Copy>
boost::asio::awaitable<std::vector<T>> collect(Api& api, VirtualHostPtr virtual_host, std::vector<std::string> names,
                                               Copy copy) {
    std::vector<T> all;
    const auto keep = [&](T& each) { all.push_back(std::move(each)); };
    co_await for_each_copy<T>(api, std::move(virtual_host), std::move(names), copy, keep);
    co_return all;
}

} // namespace broker
