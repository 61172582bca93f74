#include "bench/load_thread.hpp"

#include "bench/clock.hpp"

#include <exception>

namespace bench {

void LoadThread::start() {
    begin();
    thread_ = std::thread([this] { run(); });
}

void LoadThread::stop() {
    stopping_ = true;
    if (thread_.joinable()) {
        thread_.join();
    }
}

void LoadThread::run() {
    wake_this_thread_on_time();
    try {
        while (!stopping_.load(std::memory_order_relaxed) && turn()) {
        }
    } catch (const std::exception& error) {
        error_ = error.what();
    }
    ended_.store(true, std::memory_order_release);
}

} // namespace bench
