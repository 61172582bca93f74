// The store over RocksDB: who owns what, and in which order things stop. The work is in CommitThread and Reader.
#include "storage/rocksdb/commit_thread.hpp"
#include "storage/rocksdb/data_directory.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/disk_space.hpp"
#include "storage/rocksdb/full_disk_file_system.hpp"
#include "storage/rocksdb/manifest_check.hpp"
#include "storage/rocksdb/newest_wal.hpp"
#include "storage/rocksdb/online_copy.hpp"
#include "storage/rocksdb/reader.hpp"
#include "storage/rocksdb/recovery.hpp"
#include "storage/rocksdb/space_reclaimer.hpp"
#include "storage/rocksdb_store.hpp"

#include <algorithm>
#include <stdexcept>

namespace storage {
namespace {

RocksStoreOptions waiting_for_space(RocksStoreOptions options, DiskSpace& space) {
    options.environment = environment_on(options.environment, space);
    return options;
}

class RocksStore final : public LocalStore {
 public:
    explicit RocksStore(const RocksStoreOptions& options)
        : directory_(std::make_unique<DataDirectory>(options.directory)),
          space_(options),
          options_(waiting_for_space(options, space_)),
          database_(open_database()),
          opened_(begin_epoch(*database_, options_)),
          epoch_(opened_.epoch),
          reclaimer_(std::make_unique<SpaceReclaimer>(*database_, options_)),
          reader_(std::make_unique<Reader>(*database_, options_, opened_.unclean_epoch)),
          commits_(std::make_unique<CommitThread>(*database_, *directory_, space_, *reclaimer_, options_, epoch_,
                                                  opened_.paged)) {
        const std::uint64_t log = database_->take_synced_wal().value_or(database_->wal_number());
        if (const auto error = directory_->write_sentinel(log))
            throw std::runtime_error("data directory " + options_.directory.string() +
                                     " cannot be written: " + error.message());
    }
    ~RocksStore() override { space_.stop_waiting(); }

    void recover(RecoveryVisitor& visitor) override {
        visit_records(*database_, visitor);
        const Sequence unclean_up_to = first_sequence(opened_.unclean_epoch + 1) - 1;
        for (QueueState state : commits_->take_recovered()) {
            state.delivered_up_to = std::max(state.delivered_up_to, std::min(state.last, unclean_up_to));
            visitor.on_queue(state);
        }
        opened_.paged = {};
    }

    std::uint64_t epoch() const override { return epoch_; }
    Lease open_shard(ShardId shard) override { return {shard, epoch_}; }

    void commit(const Lease& lease, Batch batch, Completion completion) override {
        commits_->submit(lease, std::move(batch), std::move(completion));
    }

    void read(QueueId queue, Sequence from, std::size_t max_messages, std::size_t max_bytes,
              PageCompletion completion) override {
        reader_->submit(*commits_, {queue, from, max_messages, max_bytes, std::move(completion)});
    }

    std::uint64_t room() const override { return commits_->room(); }
    bool is_behind() const override { return commits_->is_behind(); }

    amqp::Result<> copy_to(const std::filesystem::path& directory) override {
        if (database_->failed())
            return amqp::internal_error("the store has failed");
        return copy_while_open(*database_, directory_->database(), directory, options_.reserve_bytes);
    }

    void close() override {
        space_.stop_waiting(); // what is queued and has no room is answered so
        commits_->drain();
        reader_->drain();
        reader_.reset();
        const bool failed = database_->failed();
        commits_.reset();
        reclaimer_.reset();
        // After a failure the next start looks through what the disk still has.
        const bool flushed = !failed && end_epoch(*database_, epoch_) && database_->flush();
        database_.reset();
        if (flushed)
            static_cast<void>(directory_->write_sentinel(0)); // the old one holds as well
        directory_.reset();
    }

 private:
    std::unique_ptr<Database> open_database() {
        directory_->check_sentinel();
        check_manifest(directory_->database());
        const std::uint64_t free = space_.free_bytes();
        if (free < options_.reserve_bytes)
            throw std::runtime_error("data directory " + options_.directory.string() + " has only " +
                                     std::to_string(free >> 20) + " MiB of free space left");
        settle_log(); // also after a clean close: a start that was cut off may have begun a log
        return std::make_unique<Database>(directory_->database(), options_);
    }

    void settle_log() const {
        const std::string said = settle_newest_wal(directory_->database());
        if (!said.empty() && options_.log)
            options_.log(LogLevel::warning, said);
    }

    // Destroyed from the last to the first: threads, database, lock.
    std::unique_ptr<DataDirectory> directory_;
    DiskSpace space_;
    const RocksStoreOptions options_;
    std::unique_ptr<Database> database_;
    Opened opened_;
    const std::uint64_t epoch_;
    std::unique_ptr<SpaceReclaimer> reclaimer_;
    std::unique_ptr<Reader> reader_; // outlives the commit thread, which hands it work
    std::unique_ptr<CommitThread> commits_;
};

} // namespace

std::unique_ptr<LocalStore> open_rocksdb(const RocksStoreOptions& options) {
    try {
        return std::make_unique<RocksStore>(options);
    } catch (const std::runtime_error& error) {
        const std::string text = error.what();
        if (text.find("damaged") == std::string::npos && text.find("Corruption") == std::string::npos)
            throw;
        throw std::runtime_error(text + "; leveret repair " + options.directory.string() +
                                 " saves what can be saved and says what is lost");
    }
}

} // namespace storage
