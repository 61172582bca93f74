#include "broker/net/io_thread.hpp"

#include "broker/net/connection.hpp"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace broker {
namespace {

constexpr std::chrono::milliseconds tick_interval{100};

} // namespace

thread_local IoThread* IoThread::current_ = nullptr;

IoThread::IoThread(std::size_t read_buffer_bytes, std::atomic<IoThread*>& latest)
    : work_(context_.get_executor()),
      timer_(context_),
      read_buffer_(read_buffer_bytes),
      latest_(latest) {}

IoThread::~IoThread() {
    stop();
}

void IoThread::start(const std::string& name) {
    tick();
    thread_ = std::thread([this, name] {
        pthread_setname_np(pthread_self(), name.c_str());
        current_ = this;
        context_.run();
        connections_.clear();
        current_ = nullptr;
    });
}

void IoThread::stop() {
    if (thread_.joinable()) {
        context_.stop();
        thread_.join();
    }
}

void IoThread::post(std::function<void()> function) {
    boost::asio::post(context_, [this, function = std::move(function)] {
        function();
        end_turn();
    });
}

void IoThread::add(std::shared_ptr<Connection> connection) {
    Connection* key = connection.get();
    tick_in(1, connection);
    connections_.emplace(key, std::move(connection));
    count_.store(connections_.size(), std::memory_order_relaxed);
}

void IoThread::remove(Connection& connection) {
    connections_.erase(&connection);
    count_.store(connections_.size(), std::memory_order_relaxed);
}

void IoThread::visit_connections(std::function<void(Connection&)> visit, std::function<void()> done) {
    std::vector<Connection*> all;
    all.reserve(connections_.size());
    for (const auto& [key, connection] : connections_) {
        all.push_back(key);
    }
    visit_some(std::move(all), std::move(visit), std::move(done));
}

void IoThread::visit_some(std::vector<Connection*> left, std::function<void(Connection&)> visit,
                          std::function<void()> done) {
    constexpr std::size_t visits_per_turn = 64;
    for (std::size_t i = 0; i < visits_per_turn && !left.empty(); ++i) {
        if (const auto found = connections_.find(left.back()); found != connections_.end()) {
            visit(*found->second);
        }
        left.pop_back();
    }
    if (left.empty()) {
        return done();
    }
    post([this, left = std::move(left), visit = std::move(visit), done = std::move(done)]() mutable {
        visit_some(std::move(left), std::move(visit), std::move(done));
    });
}

bool IoThread::push(Connection& connection) {
    Connection* head = inbox_.load(std::memory_order_relaxed);
    do {
        connection.set_inbox_next(head);
    } while (!inbox_.compare_exchange_weak(head, &connection, std::memory_order_acq_rel, std::memory_order_relaxed));
    // `connection` may be gone by now. Our own thread empties the inbox at the end of its turn.
    return !is_current() && !wake_pending_.exchange(true, std::memory_order_acq_rel);
}

// Whose connections are only told of something is not the latest: what was published waits for another's commit.
void IoThread::wake() {
    boost::asio::post(context_, [this] { drain_inbox(); });
}

void IoThread::end_turn() {
    if (latest_.load(std::memory_order_relaxed) != this) {
        latest_.store(this, std::memory_order_relaxed);
    }
    drain_inbox();
}

void IoThread::drain_inbox() {
    for (;;) {
        wake_pending_.exchange(false, std::memory_order_acq_rel);
        Connection* list = inbox_.exchange(nullptr, std::memory_order_acq_rel);
        if (list == nullptr) {
            return;
        }
        while (list != nullptr) {
            Connection* connection = std::exchange(list, list->inbox_next());
            connection->take_events(); // may remove the connection
        }
    }
}

IoThread& least_loaded(const std::vector<std::unique_ptr<IoThread>>& threads, std::size_t turn) {
    IoThread* least = nullptr;
    for (std::size_t i = 0; i < threads.size(); ++i) {
        IoThread& thread = *threads[(turn + i) % threads.size()];
        if (least == nullptr || thread.connection_count() < least->connection_count()) {
            least = &thread;
        }
    }
    return *least;
}

void IoThread::tick() {
    timer_.expires_after(tick_interval);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) {
            return;
        }
        tick_connections();
        end_turn();
        tick();
    });
}

// A turn for everybody at every tick was most of what ten thousand idle connections cost: 6 % of a core.
void IoThread::tick_connections() {
    const auto now = std::chrono::steady_clock::now();
    tick_ = (tick_ + 1) % wheel_.size();
    for (const std::weak_ptr<Connection>& waiting : std::exchange(wheel_[tick_], {})) {
        if (const std::shared_ptr<Connection> connection = waiting.lock()) {
            connection->on_tick(now); // may remove it
            tick_in(connection->wants_frequent_ticks() ? 1 : ticks_per_round, connection);
        }
    }
}

void IoThread::tick_in(std::size_t ticks, const std::shared_ptr<Connection>& connection) {
    wheel_[(tick_ + ticks) % wheel_.size()].push_back(connection);
}

} // namespace broker
