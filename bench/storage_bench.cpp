// storage_bench DIRECTORY [BODY_BYTES [MESSAGES_PER_BATCH [SECONDS [QUEUES [COPIES [LOG_MIB]]]]]]: what durable
// messages cost. Appends batches and settles each one a few commits later, every commit synced; then writes as many
// octets to a plain file with fdatasync, which is the limit. The messages go to QUEUES queues in turn, each to COPIES
// of them; LOG_MIB is the bound of the commit log. Rates, CPU of the whole process, and octets that it had written,
// each by message published.
#include "storage/rocksdb_store.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>

namespace {

using namespace storage;
using Clock = std::chrono::steady_clock;

struct Load {
    std::filesystem::path directory;
    std::size_t body_bytes = 100;
    std::uint64_t per_batch = 256;
    double seconds = 5;
    std::uint64_t queues = 1;
    std::uint64_t copies = 1;
    std::size_t log_bytes = storage::RocksStoreOptions().commit_log_bytes;
};

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// By this process, to any file.
double written_bytes() {
    std::ifstream file("/proc/self/io");
    for (std::string name, value; file >> name >> value;)
        if (name == "wchar:")
            return std::stod(value);
    return 0;
}

struct Meter {
    Clock::time_point start = Clock::now();
    double cpu = cpu_seconds();
    double bytes = written_bytes();
    void report(const char* what, std::uint64_t messages) const {
        const double wall = std::chrono::duration<double>(Clock::now() - start).count();
        const auto count = static_cast<double>(messages);
        std::printf("%-32s %9.0f msg/s  %6.3f us CPU/msg  %8.1f octets/msg\n", what, count / wall,
                    (cpu_seconds() - cpu) * 1e6 / count, (written_bytes() - bytes) / count);
    }
    double elapsed() const { return std::chrono::duration<double>(Clock::now() - start).count(); }
};

// The messages of commit `number`; the same queues get the same sequences whenever it is asked.
template <class Visit>
void for_each_message(const Load& load, Sequence first, std::uint64_t number, const Visit& visit) {
    for (std::uint64_t k = 0; k < load.per_batch; ++k)
        for (std::uint64_t copy = 0; copy < load.copies; ++copy)
            visit(1 + (number * load.per_batch + k + copy) % load.queues, first + number * load.per_batch + k);
}

void run_store(const Load& load, bool settle) {
    RocksStoreOptions options;
    options.directory = load.directory / "store";
    options.commit_log_bytes = load.log_bytes;
    const auto store = open_rocksdb(options);
    const Lease lease = store->open_shard(1);
    const std::string body(load.body_bytes, 'x');
    std::mutex mutex;
    std::condition_variable changed;
    int outstanding = 0;
    const Sequence first = first_sequence(store->epoch());
    std::uint64_t messages = 0;
    const Meter meter;
    for (std::uint64_t i = 0; meter.elapsed() < load.seconds; ++i) {
        Batch batch;
        if (settle && i >= 8)
            for_each_message(load, first, i - 8, [&](QueueId queue, Sequence at) { batch.settle(queue, at); });
        amqp::MessagePtr message;
        Sequence last = 0;
        for_each_message(load, first, i, [&](QueueId queue, Sequence at) {
            if (at != last)
                message = amqp::Message::make("", "key", std::string_view("\x10\x00\x02", 3), body);
            last = at;
            batch.append(queue, StoredMessage{.sequence = at, .message = message});
        });
        batch.promise();
        messages += load.per_batch;
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return outstanding < 4; });
        ++outstanding;
        store->commit(lease, std::move(batch), [&](Outcome outcome) {
            if (outcome != Outcome::durable)
                std::abort();
            const std::lock_guard guard(mutex);
            --outstanding;
            changed.notify_one();
        });
    }
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return outstanding == 0; });
    lock.unlock();
    meter.report(settle ? "store, settled 8 commits later" : "store, append only", messages);
    store->close();
}

void run_plain_file(const Load& load) {
    const std::string path = load.directory / "plain";
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const std::string batch((load.body_bytes + 20) * load.per_batch, 'x');
    std::uint64_t messages = 0;
    const Meter meter;
    while (meter.elapsed() < load.seconds) {
        if (::write(file, batch.data(), batch.size()) < 0 || ::fdatasync(file) != 0)
            std::abort();
        messages += load.per_batch;
    }
    meter.report("plain file, write + fdatasync", messages);
    ::close(file);
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "storage_bench DIRECTORY [BODY_BYTES [MESSAGES_PER_BATCH [SECONDS "
                             "[QUEUES [COPIES [LOG_MIB]]]]]]\n");
        return 2;
    }
    Load load{.directory = argv[1]};
    if (argc > 2)
        load.body_bytes = std::strtoull(argv[2], nullptr, 10);
    if (argc > 3)
        load.per_batch = std::strtoull(argv[3], nullptr, 10);
    if (argc > 4)
        load.seconds = std::strtod(argv[4], nullptr);
    if (argc > 5)
        load.queues = std::strtoull(argv[5], nullptr, 10);
    if (argc > 6)
        load.copies = std::strtoull(argv[6], nullptr, 10);
    if (argc > 7)
        load.log_bytes = std::strtoull(argv[7], nullptr, 10) << 20; // 0: everything goes to pages at once
    std::filesystem::create_directories(load.directory);
    run_plain_file(load);
    run_store(load, true);
    run_store(load, false);
    std::filesystem::remove_all(load.directory);
}
