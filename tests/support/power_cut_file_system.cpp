#include "tests/support/power_cut_file_system.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace storage::test {
namespace {

namespace fs = std::filesystem;

std::string plain(const std::string& name) {
    return fs::path(name).lexically_normal().string();
}

std::string content_of(const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

class PowerCutFileSystem::File final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
    File(PowerCutFileSystem& system, std::string name, std::unique_ptr<rocksdb::FSWritableFile> file)
        : FSWritableFileOwnerWrapper(std::move(file)),
          system_(system),
          name_(std::move(name)) {}

    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, Debug* debug) override {
        const std::lock_guard lock(system_.mutex_);
        if (system_.lost_power())
            return no_power();
        system_.sizes_[name_].written += data.size();
        return FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    IOStatus PositionedAppend(const rocksdb::Slice& data, std::uint64_t offset, const IOOptions& options,
                              Debug* debug) override {
        const std::lock_guard lock(system_.mutex_);
        if (system_.lost_power())
            return no_power();
        system_.sizes_[name_].written = offset + data.size();
        return FSWritableFileOwnerWrapper::PositionedAppend(data, offset, options, debug);
    }
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                    Debug* debug) override {
        return Append(data, options, debug);
    }
    IOStatus Truncate(std::uint64_t size, const IOOptions& options, Debug* debug) override {
        const std::lock_guard lock(system_.mutex_);
        if (system_.lost_power())
            return no_power();
        Size& known = system_.sizes_[name_];
        known.ahead = size > known.written ? size : 0;
        known.written = std::min(known.written, size);
        return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
    }
    // The real sync is left out: what counts is what this file system says was synced.
    IOStatus Sync(const IOOptions&, Debug*) override { return synced(); }
    IOStatus Fsync(const IOOptions&, Debug*) override { return synced(); }
    IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, Debug*) override {
        return system_.is_cut() ? no_power() : IOStatus::OK(); // promises nothing
    }
    IOStatus Close(const IOOptions& options, Debug* debug) override {
        const IOStatus closed = FSWritableFileOwnerWrapper::Close(options, debug);
        const std::lock_guard lock(system_.mutex_);
        if (system_.cut_)
            return no_power();
        system_.sizes_[name_].ahead = 0; // RocksDB has cut it off
        return closed;
    }

 private:
    IOStatus synced() {
        const std::lock_guard lock(system_.mutex_);
        if (system_.lost_power_at_sync())
            return no_power();
        Size& size = system_.sizes_[name_];
        size.synced = size.written;
        system_.sync_done();
        return IOStatus::OK();
    }

    PowerCutFileSystem& system_;
    std::string name_;
};

class PowerCutFileSystem::Directory final : public rocksdb::FSDirectory {
 public:
    Directory(PowerCutFileSystem& system, std::string name) : system_(system), name_(std::move(name)) {}
    IOStatus Fsync(const IOOptions&, Debug*) override {
        const std::lock_guard lock(system_.mutex_);
        if (system_.lost_power_at_sync())
            return no_power();
        system_.directory_synced(name_);
        system_.sync_done();
        return IOStatus::OK();
    }

 private:
    PowerCutFileSystem& system_;
    std::string name_;
};

bool PowerCutFileSystem::is_cut() const {
    const std::lock_guard lock(mutex_);
    return cut_;
}

void PowerCutFileSystem::cut() {
    const std::lock_guard lock(mutex_);
    cut_ = true;
}

void PowerCutFileSystem::cut_after(std::uint64_t changes) {
    const std::lock_guard lock(mutex_);
    changes_left_ = changes;
}

void PowerCutFileSystem::cut_at_sync(std::uint64_t index, Sync sync) {
    const std::lock_guard lock(mutex_);
    cut_at_sync_ = index;
    cut_sync_ = sync;
}

std::uint64_t PowerCutFileSystem::syncs() const {
    const std::lock_guard lock(mutex_);
    return syncs_;
}

bool PowerCutFileSystem::lost_power_at_sync() {
    cut_ = cut_ || (syncs_ == cut_at_sync_ && cut_sync_ == Sync::lost);
    return lost_power();
}

void PowerCutFileSystem::sync_done() {
    cut_ = syncs_++ == cut_at_sync_;
}

bool PowerCutFileSystem::lost_power() {
    if (changes_left_ == 0)
        cut_ = true;
    else
        --changes_left_;
    return cut_;
}

rocksdb::IOStatus PowerCutFileSystem::NewWritableFile(const std::string& name, const Options& options,
                                                      std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) {
    const std::lock_guard lock(mutex_);
    if (lost_power())
        return no_power();
    unsynced_changes_.push_back({remember(plain(name))});
    std::unique_ptr<rocksdb::FSWritableFile> real;
    const IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &real, debug);
    if (status.ok()) {
        sizes_[plain(name)] = {};
        file->reset(new File(*this, plain(name), std::move(real)));
    }
    return status;
}

rocksdb::IOStatus PowerCutFileSystem::NewDirectory(const std::string& name, const IOOptions&,
                                                   std::unique_ptr<rocksdb::FSDirectory>* directory, Debug*) {
    if (is_cut())
        return no_power();
    directory->reset(new Directory(*this, plain(name)));
    return IOStatus::OK();
}

rocksdb::IOStatus PowerCutFileSystem::RenameFile(const std::string& from, const std::string& to,
                                                 const IOOptions& options, Debug* debug) {
    const std::lock_guard lock(mutex_);
    if (lost_power())
        return no_power();
    unsynced_changes_.push_back({remember(plain(from)), remember(plain(to))});
    const auto size = sizes_.extract(plain(from));
    sizes_.erase(plain(to));
    if (!size.empty())
        sizes_[plain(to)] = size.mapped();
    return FileSystemWrapper::RenameFile(from, to, options, debug);
}

rocksdb::IOStatus PowerCutFileSystem::DeleteFile(const std::string& name, const IOOptions& options, Debug* debug) {
    const std::lock_guard lock(mutex_);
    if (lost_power())
        return no_power();
    unsynced_changes_.push_back({remember(plain(name))});
    sizes_.erase(plain(name));
    return FileSystemWrapper::DeleteFile(name, options, debug);
}

PowerCutFileSystem::OldName PowerCutFileSystem::remember(const std::string& name) const {
    OldName old{name, fs::exists(name), {}};
    if (!old.existed)
        return old;
    old.content = content_of(name);
    if (const auto size = sizes_.find(name); size != sizes_.end())
        old.content.resize(size->second.synced);
    return old;
}

void PowerCutFileSystem::directory_synced(const std::string& name) {
    std::erase_if(unsynced_changes_,
                  [&](const Change& change) { return fs::path(change.front().name).parent_path() == name; });
}

void PowerCutFileSystem::restore() {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, size] : sizes_) {
        if (!fs::exists(name))
            continue;
        const std::uint64_t unsynced = size.written - size.synced;
        const bool torn = unsynced > 0 && random_() % 2 == 0;
        const std::uint64_t left = size.synced + (torn ? random_() % unsynced : 0);
        fs::resize_file(name, left);
        if (size.ahead > left && random_() % 4 > 0)
            fs::resize_file(name, size.ahead);
    }
    const std::size_t survived = unsynced_changes_.empty() ? 0 : random_() % (unsynced_changes_.size() + 1);
    for (; unsynced_changes_.size() > survived; unsynced_changes_.pop_back())
        for (const OldName& old : unsynced_changes_.back()) {
            if (old.existed)
                std::ofstream(old.name, std::ios::binary | std::ios::trunc) << old.content;
            else
                fs::remove(old.name);
        }
    sizes_.clear();
    unsynced_changes_.clear();
    changes_left_ = UINT64_MAX;
    syncs_ = 0;
    cut_at_sync_ = UINT64_MAX;
    cut_ = false;
}

std::shared_ptr<void> environment_on(const std::shared_ptr<rocksdb::FileSystem>& file_system) {
    return std::shared_ptr<rocksdb::Env>(rocksdb::NewCompositeEnv(file_system));
}

} // namespace storage::test
