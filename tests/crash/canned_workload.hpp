// A short workload that is the same every time: appends, settles, purges, redeliveries, promised and not, one commit
// after the other. Small enough to be cut off at every place there is.
#pragma once

#include "tests/crash/store_workload.hpp"

namespace storage::test {

struct CannedRun {
    int durable = 0;
    int other = 0;                      // commits with another outcome
    bool durable_after_failure = false; // which must never be
};

// To the end, also after a commit has failed. `sink` hears of every promise, and of every settle before it is given.
CannedRun run_canned(Store& store, LedgerSink& sink);

} // namespace storage::test
