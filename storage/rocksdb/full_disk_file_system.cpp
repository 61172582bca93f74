#include "storage/rocksdb/full_disk_file_system.hpp"

namespace storage {
namespace {

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

class FullDiskFileSystem::File final : public rocksdb::FSWritableFileOwnerWrapper {
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
            FSWritableFileOwnerWrapper::PrepareWrite(offset, length, options, debug);
    }

 private:
    DiskSpace& space_;
    std::uint64_t size_ = 0;
    bool scarce_ = false;
    std::size_t looked_up_to_ = 0;
};

rocksdb::IOStatus FullDiskFileSystem::NewWritableFile(const std::string& name, const Options& options,
                                                      std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) {
    std::unique_ptr<rocksdb::FSWritableFile> real;
    const IOStatus status =
        until_there_is_space(space_, [&] { return target()->NewWritableFile(name, options, &real, debug); });
    if (status.ok())
        file->reset(new File(space_, std::move(real)));
    return status;
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
