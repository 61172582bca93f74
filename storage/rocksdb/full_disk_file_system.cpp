#include "storage/rocksdb/full_disk_file_system.hpp"

#include <atomic>

namespace storage {
namespace {

constexpr std::uint64_t log_step = 4 << 20; // read as zeros after a crash, which takes a few milliseconds

template <typename Operation>
rocksdb::IOStatus until_there_is_space(DiskSpace& space, Operation operation) {
    rocksdb::IOStatus status = operation();
    if (status.IsNoSpace())
        space.write_until([&] {
            status = operation();
            return !status.IsNoSpace();
        });
    return status;
}

// RocksDB takes a compaction that fails so back and tries it again after a second, and nothing else fails with it.
rocksdb::IOStatus compaction_gives_up() {
    rocksdb::IOStatus status = rocksdb::IOStatus::IOError(rocksdb::IOStatus::SubCode::kSpaceLimit);
    status.SetRetryable(true);
    return status;
}

} // namespace

bool is_given_up(const rocksdb::Status& status) {
    return status.IsIOError() && status.subcode() == rocksdb::Status::SubCode::kSpaceLimit;
}

class FullDiskFileSystem::File : public rocksdb::FSWritableFileOwnerWrapper {
 public:
    File(DiskSpace& space, std::unique_ptr<rocksdb::FSWritableFile> file)
        : FSWritableFileOwnerWrapper(std::move(file)),
          space_(space) {}

    // Always at a known offset, so that it can be done again.
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, Debug* debug) override {
        if (io_priority_ == rocksdb::Env::IO_LOW && !space_.wait_for_compaction()) // only compactions are low
            return compaction_gives_up();
        const IOStatus status =
            until_there_is_space(space_, [&] { return target()->PositionedAppend(data, size_, options, debug); });
        if (status.ok())
            size_ += data.size();
        return status;
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                    Debug* debug) override {
        return Append(data, options, debug);
    }
    IOStatus Truncate(std::uint64_t size, const IOOptions& options, Debug* debug) override {
        size_ = size;
        return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
    }

    // A log is allocated as long as it may become, which may be more than a nearly full disk has for all others.
    // Asked before every write: the file system is not.
    void PrepareWrite(std::size_t offset, std::size_t length, const IOOptions& options, Debug* debug) override {
        if (offset >= looked_up_to_) {
            scarce_ = space_.is_scarce();
            looked_up_to_ = offset + (1 << 20);
        }
        if (!scarce_)
            allocate(offset, length, options, debug);
    }

    std::uint64_t size() const { return size_; } // any thread

 protected:
    virtual void allocate(std::size_t offset, std::size_t length, const IOOptions& options, Debug* debug) {
        FSWritableFileOwnerWrapper::PrepareWrite(offset, length, options, debug);
    }

 private:
    DiskSpace& space_;
    std::atomic<std::uint64_t> size_ = 0;
    bool scarce_ = false;
    std::size_t looked_up_to_ = 0;
};

// Its end is moved ahead of what will be written, so that most syncs need not write the file's size as well. RocksDB
// cuts off what is left when it closes a file for which it has allocated.
class FullDiskFileSystem::Log final : public File {
 public:
    Log(FullDiskFileSystem& system, std::string name, std::unique_ptr<rocksdb::FSWritableFile> file)
        : File(system.space_, std::move(file)),
          system_(system),
          name_(std::move(name)) {
        const std::lock_guard lock(system_.mutex_);
        system_.logs_[name_] = this;
    }
    ~Log() override {
        const std::lock_guard lock(system_.mutex_);
        system_.logs_.erase(name_);
    }

 private:
    void allocate(std::size_t offset, std::size_t length, const IOOptions& options, Debug* debug) override {
        File::allocate(offset, length, options, debug);
        if (offset + length <= ahead_ || !is_cut_when_closed())
            return;
        const std::uint64_t ahead = offset + length + log_step;
        if (target()->Truncate(ahead, options, debug).ok())
            ahead_ = ahead;
    }

    bool is_cut_when_closed() { // a copy is not
        std::size_t block_size = 0;
        std::size_t allocated_blocks = 0;
        GetPreallocationStatus(&block_size, &allocated_blocks);
        return allocated_blocks > 0;
    }

    FullDiskFileSystem& system_;
    const std::string name_;
    std::uint64_t ahead_ = 0; // where the file ends; 0: behind what is written
};

rocksdb::IOStatus FullDiskFileSystem::NewWritableFile(const std::string& name, const Options& options,
                                                      std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) {
    std::unique_ptr<rocksdb::FSWritableFile> real;
    const IOStatus status =
        until_there_is_space(space_, [&] { return target()->NewWritableFile(name, options, &real, debug); });
    if (!status.ok())
        return status;
    if (name.ends_with(".log"))
        file->reset(new Log(*this, name, std::move(real)));
    else
        file->reset(new File(space_, std::move(real)));
    return status;
}

rocksdb::IOStatus FullDiskFileSystem::GetFileSize(const std::string& name, const IOOptions& options,
                                                  std::uint64_t* size, Debug* debug) {
    const std::lock_guard lock(mutex_);
    const auto log = logs_.find(name);
    if (log == logs_.end())
        return FileSystemWrapper::GetFileSize(name, options, size, debug);
    *size = log->second->size();
    return IOStatus::OK();
}

rocksdb::IOStatus FullDiskFileSystem::CreateDir(const std::string& name, const IOOptions& options, Debug* debug) {
    return until_there_is_space(space_, [&] { return target()->CreateDir(name, options, debug); });
}

rocksdb::IOStatus FullDiskFileSystem::CreateDirIfMissing(const std::string& name, const IOOptions& options,
                                                         Debug* debug) {
    return until_there_is_space(space_, [&] { return target()->CreateDirIfMissing(name, options, debug); });
}

rocksdb::IOStatus FullDiskFileSystem::RenameFile(const std::string& from, const std::string& to,
                                                 const IOOptions& options, Debug* debug) {
    return until_there_is_space(space_, [&] { return target()->RenameFile(from, to, options, debug); });
}

rocksdb::IOStatus FullDiskFileSystem::LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                                               Debug* debug) {
    return until_there_is_space(space_, [&] { return target()->LinkFile(from, to, options, debug); });
}

std::shared_ptr<void> environment_on(const std::shared_ptr<void>& environment, DiskSpace& space) {
    auto* const below = environment ? static_cast<rocksdb::Env*>(environment.get()) : rocksdb::Env::Default();
    // The environment below is kept as long as the one above.
    struct Both {
        std::shared_ptr<void> below;
        std::unique_ptr<rocksdb::Env> above;
    };
    const auto both = std::make_shared<Both>(Both{environment, nullptr});
    both->above = rocksdb::NewCompositeEnv(std::make_shared<FullDiskFileSystem>(below->GetFileSystem(), space));
    return {both, both->above.get()};
}

} // namespace storage
