// What a store is put through until it is cut off, and how its promises are checked afterwards. The workload appends
// and settles messages of a few queues, several commits at a time; a Ledger keeps what was promised. Every body can be
// told from its queue and sequence.
#pragma once

#include "storage/store.hpp"

#include <iosfwd>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>

namespace storage::test {

using MessageId = std::pair<QueueId, Sequence>;

// One line of it is what a process that is going to be killed prints; the same lines are kept in memory otherwise.
class Ledger {
 public:
    void appended(QueueId queue, Sequence first, std::uint64_t count); // and promised to be on disk
    void may_be_settled(const MessageId& id);                          // the settle was given to the store
    void settled(const MessageId& id);                                 // and promised to be on disk
    void read_line(const std::string& line);                           // as LineLedger prints it

    std::set<MessageId> present;  // must be there
    std::set<MessageId> doubtful; // may be there
    std::set<MessageId> gone;     // must not be there
};

// Where the workload tells what it does. Called from threads of the store as well.
class LedgerSink {
 public:
    virtual ~LedgerSink() = default;
    virtual void line(const std::string& text) = 0;
};

std::string body_of(const MessageId& id);

// Runs until a commit fails, or for ever. `sink` hears of every promise, and of every settle before it is given.
void run_workload(Store& store, LedgerSink& sink, std::uint64_t seed);

struct Verdict {
    std::size_t checked = 0;
    std::size_t lost = 0;   // promised, and not there
    std::size_t undead = 0; // settled for good, and there
    std::size_t unreadable = 0;
    std::string wrong; // another body than was published, order broken, counts that do not fit; empty when all is well
};

// Recovers `store` and reads everything. What is there now, and certain, is the ledger of the next round.
Verdict check(Store& store, Ledger& ledger);

} // namespace storage::test
