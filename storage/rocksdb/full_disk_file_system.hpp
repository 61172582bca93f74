// The file system that RocksDB sees, in which a disk is never full: a write for which there is no space waits in
// DiskSpace until there is. Debian's RocksDB 7.8 has assertions that end the process when a write fails half-way. What
// was written in part is written again from its beginning, which is sound because nothing was synced in between; a sync
// that fails stays failed. Owned by the rocksdb::Env that it is in.
//
// Logs end in zeros while they are written (ADR 16). RocksDB is told how much of them is written, so that what it
// copies of them ends there.
#pragma once

#include "storage/rocksdb/disk_space.hpp"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace storage {

class FullDiskFileSystem final : public rocksdb::FileSystemWrapper {
 public:
    FullDiskFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target, DiskSpace& space)
        : FileSystemWrapper(target),
          space_(space) {}
    const char* Name() const override { return "FullDiskFileSystem"; }

    using Options = rocksdb::FileOptions;
    using IOOptions = rocksdb::IOOptions;
    using IOStatus = rocksdb::IOStatus;
    using Debug = rocksdb::IODebugContext;
    IOStatus NewWritableFile(const std::string& name, const Options& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override;
    IOStatus GetFileSize(const std::string& name, const IOOptions& options, std::uint64_t* size, Debug* debug) override;
    IOStatus CreateDir(const std::string& name, const IOOptions& options, Debug* debug) override;
    IOStatus CreateDirIfMissing(const std::string& name, const IOOptions& options, Debug* debug) override;
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                        Debug* debug) override;
    IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options, Debug* debug) override;

 private:
    class File;
    class Log;
    DiskSpace& space_;
    std::mutex mutex_;
    std::map<std::string, const Log*> logs_; // that are open
};

// Of a compaction that gave up for want of space: nothing is lost, it will be tried again.
bool is_given_up(const rocksdb::Status& status);

// For RocksStoreOptions::environment: on top of what is there. `space` must outlive it.
std::shared_ptr<void> environment_on(const std::shared_ptr<void>& environment, DiskSpace& space);

} // namespace storage
