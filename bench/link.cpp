#include "bench/link.hpp"

#include "bench/clock.hpp"

#include <algorithm>

namespace bench {
namespace {

constexpr std::uint64_t held_wait_ns = 1'000'000;

} // namespace

Role& Link::add(std::unique_ptr<Role> role) {
    by_channel_.resize(std::max<std::size_t>(by_channel_.size(), role->channel() + std::size_t{1}));
    by_channel_[role->channel()] = role.get();
    return *roles_.emplace_back(std::move(role));
}

void Link::begin(std::uint64_t now) {
    amqp::write_heartbeat(heartbeat_);
    last_heartbeat_ = now;
    for (const auto& role : roles_) {
        role->begin(now);
    }
    connection_.begin();
}

Role& Link::role_of(const amqp::Frame& frame) {
    Role* role = roles_.size() == 1 ? roles_.front().get() : nullptr; // it may have more than one channel
    if (frame.channel < by_channel_.size() && by_channel_[frame.channel] != nullptr) {
        role = by_channel_[frame.channel];
    }
    if (frame.channel == 0 || role == nullptr) {
        connection_.fail_on(frame);
    }
    return *role;
}

void Link::receive() {
    readable_ = readable_ && (held_ || connection_.receive());
    const std::uint64_t now = now_ns();
    held_ = false;
    connection_.take_frames([&](const amqp::Frame& frame) {
        held_ = frame.type != amqp::FrameType::heartbeat && !role_of(frame).on_frame(frame, now);
        return !held_;
    });
}

std::uint64_t Link::heartbeat_due(std::uint64_t now) {
    if (connection_.heartbeat() == 0) {
        return Role::never;
    }
    const std::uint64_t half = connection_.heartbeat() * std::uint64_t{500'000'000};
    if (now - last_heartbeat_ >= half) {
        last_heartbeat_ = now;
        pieces_.push_back({heartbeat_.data(), heartbeat_.size()});
    }
    return last_heartbeat_ + half;
}

std::uint64_t Link::produce(std::uint64_t now) {
    std::uint64_t due = heartbeat_due(now);
    for (const auto& role : roles_) {
        due = std::min(due, role->produce(now, pieces_));
    }
    if (!pieces_.empty()) {
        send();
        due = 0;
    }
    return due;
}

std::uint64_t Link::work(std::uint64_t now) {
    receive();
    send();
    if (!writable_ || !pieces_.empty()) {
        return held_ ? now + held_wait_ns : readable_ ? 0 : Role::never;
    }
    const std::uint64_t due = produce(now);
    return readable_ && !held_ ? 0 : due;
}

bool Link::finished() const {
    return pieces_.empty() &&
           std::all_of(roles_.begin(), roles_.end(), [](const auto& role) { return role->finished(); });
}

} // namespace bench
