#include "storage/rocksdb/commit_group.hpp"

#include <utility>

namespace storage {

void CommitGroup::add(Member member) {
    bytes_ += member.bytes;
    promised_ |= member.promised;
    urgent_ |= member.whole;
    repeated_ |= member.repeated;
    members_.push_back(std::move(member));
    skip_what_nobody_waits_for();
}

// Nobody would notice that they complete early, and the failure of the write that they still need should be told.
void CommitGroup::skip_what_nobody_waits_for() {
    while (first_ < members_.size() && !members_[first_].promised && !members_[first_].whole)
        ++first_;
}

std::size_t CommitGroup::complete_settled(const GroupBuilder& builder) {
    std::size_t bytes = 0;
    while (first_ < members_.size() && !members_[first_].whole && builder.awaited(members_[first_].in_builder) == 0) {
        bytes += complete(members_[first_++]);
        skip_what_nobody_waits_for();
    }
    return bytes;
}

std::size_t CommitGroup::complete(Member& member) {
    std::exchange(member.completion, nullptr)(member.outcome);
    bytes_ -= member.bytes;
    return member.bytes;
}

void CommitGroup::fail() {
    for (Member& member : members_)
        if (member.outcome == Outcome::durable)
            member.outcome = Outcome::failed;
}

std::size_t CommitGroup::complete() {
    std::size_t bytes = 0;
    for (Member& member : members_)
        if (member.completion)
            bytes += complete(member);
    members_.clear();
    first_ = 0;
    promised_ = urgent_ = repeated_ = false;
    return bytes;
}

} // namespace storage
