// store_crash_driver DIRECTORY SEED: runs the workload on a store and prints the ledger, until it is killed.
#include "storage/rocksdb_store.hpp"
#include "tests/crash/store_workload.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace {

// One write per line: what was printed before the kill is whole.
struct StandardOutput final : storage::test::LedgerSink {
    void line(const std::string& text) override {
        const std::string whole = text + '\n';
        if (::write(STDOUT_FILENO, whole.data(), whole.size()) < 0)
            std::_Exit(2);
    }
};

struct Ignored final : storage::RecoveryVisitor {
    void on_record(storage::ShardId, storage::RecordKey, std::string_view) override {}
    void on_queue(const storage::QueueState&) override {}
};

} // namespace

int main(int argc, char** argv) {
    if (argc != 3)
        return 2;
    try {
        storage::RocksStoreOptions options;
        options.directory = argv[1];
        options.page_memtable_bytes = 1 << 20;
        const auto seed = std::strtoull(argv[2], nullptr, 10);
        options.commit_log_bytes = seed % 4 * 64 * 1024; // moved on to pages soon, or never in the log
        const auto store = storage::open_rocksdb(options);
        Ignored ignored;
        store->recover(ignored);
        StandardOutput out;
        run_workload(*store, out, seed);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
    return 1; // only a kill ends it well
}
