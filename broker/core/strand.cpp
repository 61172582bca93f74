#include "broker/core/strand.hpp"

#include <cstdint>
#include <utility>

namespace broker {
namespace {

// Never dereferenced: says "taken, and no work left".
Strand::Work* const held_mark = reinterpret_cast<Strand::Work*>(std::uintptr_t{1});

} // namespace

Strand::~Strand() {
    Work* work = head_.load();
    while (work != nullptr && work != held_mark) {
        delete std::exchange(work, work->next_);
    }
}

bool Strand::push(Work* work) {
    Work* head = head_.load(std::memory_order_relaxed);
    do {
        work->next_ = head == held_mark ? nullptr : head;
    } while (!head_.compare_exchange_weak(head, work, std::memory_order_acq_rel, std::memory_order_relaxed));
    return head == nullptr;
}

void Strand::submit(std::unique_ptr<Work> work) {
    if (push(work.release())) {
        run();
    }
}

void Strand::submit_elsewhere(std::unique_ptr<Work> work) {
    if (push(work.release())) {
        if (post_) {
            post_([this] { run(); });
        } else {
            run();
        }
    }
}

Strand::Work* Strand::reverse(Work* list) {
    Work* reversed = nullptr;
    while (list != nullptr) {
        Work* next = list->next_;
        list->next_ = reversed;
        reversed = list;
        list = next;
    }
    return reversed;
}

void Strand::run() {
    std::vector<Waker*> to_wake;
    unsigned pieces = 0;
    for (;;) {
        Work* list = reverse(head_.exchange(held_mark, std::memory_order_acq_rel));
        while (list != nullptr) {
            std::unique_ptr<Work> piece(std::exchange(list, list->next_));
            piece->run();
            ++pieces;
        }
        owner_.leave(to_wake);
        Work* expected = held_mark;
        if (head_.compare_exchange_strong(expected, nullptr, std::memory_order_acq_rel)) {
            break;
        }
        if (pieces >= max_pieces_per_hold && post_) {
            post_([this] { run(); });
            break;
        }
    }
    for (Waker* waker : to_wake) {
        waker->wake();
    }
}

} // namespace broker
