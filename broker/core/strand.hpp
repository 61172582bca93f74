// The serial section of a virtual host: work submitted by any thread runs one piece at a time, in the order of
// submission.
//
// A combining queue: it has no thread of its own. Whoever submits to a free strand runs the work at once, and then
// whatever others have left meanwhile; whoever finds it taken leaves its work and goes. So at low load there is no
// thread hop, and under contention the state stays in one core's cache.
//
// The holder calls `leave` of its owner before it lets go (events are handed over then) and wakes threads only
// afterwards: a system call inside the serial section cost 7 us in the prototype. It hands the strand to another thread
// after a bounded number of pieces, so that nobody is captured.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

namespace broker {

// A thread that waits for events. Lives as long as the process.
class Waker {
 public:
    virtual ~Waker() = default;
    virtual void wake() = 0;
};

class Strand {
 public:
    // One piece of work. Allocated by the submitter, freed after it ran (on the thread that ran it).
    class Work {
     public:
        virtual ~Work() = default;
        virtual void run() = 0;

     private:
        friend class Strand;
        Work* next_ = nullptr;
    };

    // What the owner does at the end of a hold: hand over what was collected and name the threads to wake.
    class Owner {
     public:
        virtual ~Owner() = default;
        virtual void leave(std::vector<Waker*>& to_wake) = 0;
    };

    // `post` runs a function on some network thread; used to hand the strand over. Without it (tests) the holder goes
    // on.
    using Post = std::function<void(std::function<void()>)>;
    Strand(Owner& owner, Post post) : owner_(owner), post_(std::move(post)) {}
    ~Strand();

    // Runs `work` now, or leaves it to the holder. May be called from within work: it then runs later in the same hold.
    void submit(std::unique_ptr<Work> work);
    // The same, but never runs anything on the calling thread (the commit thread has better things to do).
    void submit_elsewhere(std::unique_ptr<Work> work);

    // Nobody holds it, and nothing is left to be run. Whoever held it touches it no more.
    bool idle() const { return head_.load(std::memory_order_acquire) == nullptr; }

    template <class Function>
    static std::unique_ptr<Work> work(Function function) {
        struct Call final : Work {
            explicit Call(Function f) : function(std::move(f)) {}
            void run() override { function(); }
            Function function;
        };
        return std::make_unique<Call>(std::move(function));
    }

 private:
    bool push(Work* work); // true: the strand was free and is now ours
    void run();
    static Work* reverse(Work* list);

    static constexpr unsigned max_pieces_per_hold = 64;

    // null: free. held_mark: taken, nothing left. Otherwise taken, and the newest piece of a list.
    std::atomic<Work*> head_{nullptr};
    Owner& owner_;
    Post post_;
};

} // namespace broker
