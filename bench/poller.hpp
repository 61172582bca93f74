// A consumer that asks for each message by basic.get, the next one when the last has come.
#pragma once

#include "bench/consumer.hpp"

namespace bench {

class Poller final : public Consumer {
 public:
    using Consumer::Consumer;

    void subscribe() override {}
    std::uint64_t produce(std::uint64_t now, std::vector<iovec>& pieces) override;

 protected:
    void on_method(const amqp::Frame& frame, std::uint64_t now) override;
    void on_message(std::uint64_t now) override;

 private:
    bool asked_ = false;
    std::uint64_t ask_at_ = 0;
};

} // namespace bench
