// A network thread: one io_context, run by one thread, that owns its connections for life. Work for its connections
// comes from strands through an inbox that any thread may push to; everything else happens on the thread itself.
//
// At the end of every turn (a socket was readable, a timer fired, something was posted) the inbox is emptied and every
// connection that was touched is flushed once.
#pragma once

#include "broker/core/strand.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace broker {

class Connection;

class IoThread final : public Waker {
 public:
    // `read_buffer_bytes` must hold the largest frame. `latest` is told of every turn but those of wake(); it outlives
    // the thread.
    IoThread(std::size_t read_buffer_bytes, std::atomic<IoThread*>& latest);
    ~IoThread() override;

    void start(const std::string& name); // what top and perf show, 15 characters at most
    void stop(); // ends the loop and joins; connections that are left die here

    boost::asio::io_context& context() { return context_; }
    bool is_current() const { return current_ == this; }

    // Any thread: runs `function` on this thread, then ends the turn.
    void post(std::function<void()> function);

    // --- on this thread ---
    void add(std::shared_ptr<Connection> connection);
    void remove(Connection& connection); // it may die at once
    std::vector<char>& read_buffer() { return read_buffer_; }
    void end_turn();
    // Publishers that are slowed down share the buffer: many together read no more than one.
    void count_slowed(bool one_more) { slowed_ = one_more ? slowed_ + 1 : slowed_ - 1; }
    std::size_t share_of_slowed() const { return std::max(read_buffer_.size() / slowed_, least_share); }
    template <class Visit>
    void for_each_connection(Visit visit) {
        for (auto& [key, connection] : connections_) {
            visit(*connection);
        }
    }
    // For what takes longer: the connections of now that are still there when it is their turn, a few at a time, so
    // that others get on meanwhile. Then `done`.
    void visit_connections(std::function<void(Connection&)> visit, std::function<void()> done);

    std::size_t connection_count() const { return count_.load(std::memory_order_relaxed); } // any thread

    // --- on a strand, any thread: `connection` has got its first events since the inbox was emptied ---
    // True if the thread sleeps, or may, and the caller is the one who has to wake it.
    bool push(Connection& connection);
    void wake() override;

 private:
    // Ten a second for the thread; a connection's turn comes once a second, or at the next one if it wants that.
    static constexpr std::size_t ticks_per_round = 10;
    static constexpr std::size_t least_share = 4096;

    void tick();
    void tick_connections();
    void tick_in(std::size_t ticks, const std::shared_ptr<Connection>& connection);
    void drain_inbox();
    void visit_some(std::vector<Connection*> left, std::function<void(Connection&)> visit, std::function<void()> done);

    static thread_local IoThread* current_;

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer timer_;
    std::thread thread_;
    std::vector<char> read_buffer_;
    std::atomic<IoThread*>& latest_;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections_;
    std::array<std::vector<std::weak_ptr<Connection>>, ticks_per_round + 1> wheel_; // by the tick that is their turn
    std::size_t tick_ = 0;
    std::size_t slowed_ = 0;
    std::atomic<std::size_t> count_{0};
    std::atomic<Connection*> inbox_{nullptr};
    std::atomic<bool> wake_pending_{false};
};

// The one with the fewest connections; of several, `turn` tells which: what came a moment ago may not be counted yet.
IoThread& least_loaded(const std::vector<std::unique_ptr<IoThread>>& threads, std::size_t turn);

} // namespace broker
