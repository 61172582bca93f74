// Drives its links through one epoll. It owns them; they are handed over before start().
#pragma once

#include "bench/link.hpp"
#include "bench/load_thread.hpp"

#include <memory>
#include <vector>

namespace bench {

class Worker final : public LoadThread {
 public:
    Worker();
    ~Worker() override;

    void add(std::unique_ptr<Link> link);

 protected:
    void begin() override;
    bool turn() override;

 private:
    struct Entry {
        std::unique_ptr<Link> link;
        std::uint64_t due = 0; // when it is to work although its socket says nothing
        bool finished = false;
    };
    void work(Entry& entry, std::uint64_t now);
    void wait(std::uint64_t until, std::uint64_t now);

    int epoll_;
    std::vector<Entry> entries_;
    std::size_t finished_ = 0;
};

} // namespace bench
