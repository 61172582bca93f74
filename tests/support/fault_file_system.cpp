#include "tests/support/fault_file_system.hpp"

namespace storage::test {

class FaultFileSystem::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
    File(FaultFileSystem& system, std::string name, std::unique_ptr<rocksdb::FSWritableFile> file)
        : FSWritableFileOwnerWrapper(std::move(file)),
          system_(system),
          name_(std::move(name)) {}

    IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset, const IOOptions& options,
                              Debug* debug) override {
        const IOStatus status = system_.enter(Call::write, name_);
        if (status.ok())
            return FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, debug);
        const rocksdb::Slice part(data.data(), system_.part_of(data.size()));
        FSWritableFileOwnerWrapper::PositionedAppend(part, offset, options, debug).PermitUncheckedError();
        return status;
    }
    IOStatus Sync(const IOOptions& options, Debug* debug) override {
        const IOStatus status = system_.enter(Call::sync, name_);
        return status.ok() ? FSWritableFileOwnerWrapper::Sync(options, debug) : status;
    }
    IOStatus Fsync(const IOOptions& options, Debug* debug) override { return Sync(options, debug); }

 private:
    FaultFileSystem& system_;
    const std::string name_;
};

class FaultFileSystem::Directory final : public rocksdb::FSDirectoryWrapper {
 public:
    Directory(FaultFileSystem& system, std::unique_ptr<rocksdb::FSDirectory>&& directory)
        : FSDirectoryWrapper(std::move(directory)),
          system_(system) {}
    IOStatus Fsync(const IOOptions& options, Debug* debug) override {
        const IOStatus status = system_.enter(Call::sync, "/");
        return status.ok() ? FSDirectoryWrapper::Fsync(options, debug) : status;
    }
    IOStatus FsyncWithDirOptions(const IOOptions& options, Debug* debug, const rocksdb::DirFsyncOptions&) override {
        return Fsync(options, debug);
    }

 private:
    FaultFileSystem& system_;
};

void FaultFileSystem::arm(const Fault& fault) {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
    calls_ = {};
    failures_ = 0;
}

std::uint64_t FaultFileSystem::calls(Call call) const {
    const std::lock_guard lock(mutex_);
    return calls_[static_cast<std::size_t>(call)];
}

std::uint64_t FaultFileSystem::failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
}

rocksdb::IOStatus FaultFileSystem::enter(Call call, const std::string& name) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t index = calls_[static_cast<std::size_t>(call)]++;
    if (call != fault_.call || index < fault_.index || failures_ == fault_.times || !name.ends_with(fault_.ending))
        return IOStatus::OK();
    ++failures_;
    return fault_.no_space ? IOStatus::NoSpace("no space, says the test") : IOStatus::IOError("EIO, says the test");
}

std::size_t FaultFileSystem::part_of(std::size_t size) {
    const std::lock_guard lock(mutex_);
    return random_() % (size + 1);
}

rocksdb::IOStatus FaultFileSystem::NewWritableFile(const std::string& name, const Options& options,
                                                   std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) {
    IOStatus status = enter(Call::name, name);
    std::unique_ptr<rocksdb::FSWritableFile> real;
    if (status.ok())
        status = FileSystemWrapper::NewWritableFile(name, options, &real, debug);
    if (status.ok())
        file->reset(new File(*this, name, std::move(real)));
    return status;
}

rocksdb::IOStatus FaultFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                                std::unique_ptr<rocksdb::FSDirectory>* directory, Debug* debug) {
    std::unique_ptr<rocksdb::FSDirectory> real;
    const IOStatus status = FileSystemWrapper::NewDirectory(name, options, &real, debug);
    if (status.ok())
        directory->reset(new Directory(*this, std::move(real)));
    return status;
}

rocksdb::IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                              Debug* debug) {
    const IOStatus status = enter(Call::name, from);
    return status.ok() ? FileSystemWrapper::RenameFile(from, to, options, debug) : status;
}

rocksdb::IOStatus FaultFileSystem::DeleteFile(const std::string& name, const IOOptions& options, Debug* debug) {
    const IOStatus status = enter(Call::name, name);
    return status.ok() ? FileSystemWrapper::DeleteFile(name, options, debug) : status;
}

} // namespace storage::test
