// leveret-relay [--size OCTETS] [--time SECONDS] [--rate MESSAGES]: the physical limit. Reads basic.publish frames from
// one socket, finds their boundaries, and writes them to another: no broker, no queue. A thread that sends, as fast as
// it can or at a rate, and one that receives stand in for clients. The figures, as JSON, are those of the thread
// between them, and of a rate the latencies, counted as leveret-perf does: it sleeps and wakes as a client of it does,
// too.
#include "bench/clock.hpp"
#include "bench/histogram.hpp"
#include "bench/prepared_message.hpp"
#include "bench/schedule.hpp"
#include "protocol/frame_parser.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t frame_max = 131'072;
constexpr std::size_t buffer_size = 256 << 10;

void require(bool holds, const char* what) {
    if (!holds) {
        throw std::runtime_error(std::string("cannot ") + what);
    }
}

// Two ends of a TCP connection over loopback.
std::pair<int, int> connected_pair() {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    require(::bind(listener, any, size) == 0 && ::listen(listener, 1) == 0, "listen");
    ::getsockname(listener, any, &size);
    const int first = ::socket(AF_INET, SOCK_STREAM, 0);
    require(::connect(first, any, size) == 0, "connect");
    const int second = ::accept(listener, nullptr, nullptr);
    require(second >= 0, "accept");
    ::close(listener);
    const int yes = 1;
    setsockopt(first, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(second, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return {first, second};
}

bool send_all(int socket, std::string_view octets) {
    while (!octets.empty()) {
        const ssize_t sent = ::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        octets.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void send_for_ever(int socket, const bench::PreparedMessage& message) {
    std::string batch;
    while (batch.empty() || batch.size() + message.size() <= 64 << 10) {
        batch += message.frames();
    }
    while (send_all(socket, batch)) {
    }
}

// Each message carries the time at which it was to be sent.
void send_at_rate(int socket, const bench::PreparedMessage& message, double rate) {
    bench::wake_this_thread_on_time();
    const bench::Schedule schedule = bench::Schedule::constant(rate);
    const std::uint64_t start = bench::now_ns();
    std::string batch;
    for (std::uint64_t sent = 0; send_all(socket, batch);) {
        bench::sleep_until(start + schedule.time_of(sent));
        batch.clear();
        for (const std::uint64_t due = schedule.due_at(bench::now_ns() - start); sent < due; ++sent) {
            const std::uint64_t intended = start + schedule.time_of(sent);
            batch += message.frames();
            std::memcpy(batch.data() + batch.size() - message.size() + message.stamp_place(), &intended,
                        sizeof intended);
        }
    }
}

void receive_for_ever(int socket) {
    std::vector<char> buffer(buffer_size);
    while (::recv(socket, buffer.data(), buffer.size(), 0) > 0) {
    }
}

void receive_timed(int socket, bench::Histogram& latencies) {
    std::vector<char> buffer(buffer_size);
    std::size_t filled = 0;
    const amqp::FrameParser parser(frame_max);
    for (ssize_t received = 0; (received = ::recv(socket, buffer.data() + filled, buffer.size() - filled, 0)) > 0;) {
        const std::uint64_t now = bench::now_ns();
        filled += static_cast<std::size_t>(received);
        std::size_t used = 0;
        while (const auto parsed = parser.next({buffer.data() + used, filled - used}).value()) {
            used += parsed->size;
            if (parsed->frame.type == amqp::FrameType::body) {
                std::uint64_t intended = 0;
                std::memcpy(&intended, parsed->frame.payload.data(), sizeof intended);
                latencies.record(now - intended);
            }
        }
        std::memmove(buffer.data(), buffer.data() + used, filled - used);
        filled -= used;
    }
}

struct Passed {
    std::uint64_t messages = 0;
    double seconds = 0;
    double cpu_s = 0;
};

// What a broker cannot do without: read, find the ends of frames, write.
Passed relay(int from, int to, double seconds) {
    std::vector<char> buffer(buffer_size);
    std::size_t filled = 0;
    const amqp::FrameParser parser(frame_max);
    Passed passed;
    const std::uint64_t start = bench::now_ns();
    const std::uint64_t cpu = bench::nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    while (passed.seconds < seconds) {
        const ssize_t received = ::recv(from, buffer.data() + filled, buffer.size() - filled, 0);
        require(received > 0, "receive");
        filled += static_cast<std::size_t>(received);
        std::size_t used = 0;
        while (const auto parsed = parser.next({buffer.data() + used, filled - used}).value()) {
            used += parsed->size;
            passed.messages += parsed->frame.type == amqp::FrameType::method ? 1 : 0;
        }
        require(send_all(to, {buffer.data(), used}), "send");
        std::memmove(buffer.data(), buffer.data() + used, filled - used);
        filled -= used;
        passed.seconds = static_cast<double>(bench::now_ns() - start) / 1e9;
    }
    passed.cpu_s = static_cast<double>(bench::nanoseconds(CLOCK_THREAD_CPUTIME_ID) - cpu) / 1e9;
    return passed;
}

struct Flags {
    std::size_t size = 16;
    double seconds = 3;
    double rate = 0; // as fast as can be
};

void run(const Flags& flags) {
    const std::string no_properties(2, '\0');
    const bench::PreparedMessage message({.frame_max = frame_max, .exchange = "", .properties = no_properties}, "relay",
                                         std::string(flags.size, 'x'));
    require(flags.rate == 0 || message.stamped(), "put the time into messages of less than 8 octets");
    const auto [source, in] = connected_pair();
    const auto [out, sink] = connected_pair();
    bench::Histogram latencies;
    std::thread sender([&, socket = source] {
        flags.rate == 0 ? send_for_ever(socket, message) : send_at_rate(socket, message, flags.rate);
    });
    std::thread receiver(
        [&, socket = sink] { flags.rate == 0 ? receive_for_ever(socket) : receive_timed(socket, latencies); });
    const Passed passed = relay(in, out, flags.seconds);
    ::close(in); // with octets unread: the sender gets a reset
    ::close(out);
    sender.join();
    receiver.join();
    const auto count = static_cast<double>(passed.messages);
    bench::Histogram::Snapshot times;
    times.add(latencies);
    const auto microseconds = [&](double percent) { return static_cast<double>(times.percentile(percent)) / 1000; };
    fmt::print(
        "{{\"size\": {}, \"messages\": {}, \"per_s\": {:.1f}, \"cpu_us_per_message\": {:.4f}, \"p50_us\": {:.1f}, "
        "\"p99_us\": {:.1f}}}\n",
        flags.size, passed.messages, count / passed.seconds, count > 0 ? passed.cpu_s * 1e6 / count : 0,
        microseconds(50), microseconds(99));
}

} // namespace

int main(int argc, char** argv) {
    Flags flags;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::string_view(argv[i]) == "--size") {
            flags.size = std::strtoull(argv[i + 1], nullptr, 10);
        } else if (std::string_view(argv[i]) == "--time") {
            flags.seconds = std::strtod(argv[i + 1], nullptr);
        } else if (std::string_view(argv[i]) == "--rate") {
            flags.rate = std::strtod(argv[i + 1], nullptr);
        }
    }
    try {
        run(flags);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "leveret-relay: %s\n", error.what());
        return 1;
    }
}
