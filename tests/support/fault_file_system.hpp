// A file system for RocksDB in which one call fails, on top of another one: the n-th write, sync or change of a name
// since the last arm(). A write that fails has written a random part first. Calls are counted in any case, so a first
// run tells how many there are.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <array>
#include <memory>
#include <mutex>
#include <random>
#include <string>

namespace storage::test {

class FaultFileSystem final : public rocksdb::FileSystemWrapper {
 public:
    enum class Call : std::size_t { write, sync, name }; // of files; of files and directories; made, renamed or removed

    struct Fault {
        Call call = Call::write;
        std::uint64_t index = 0;
        bool no_space = false;   // or an I/O error
        std::uint64_t times = 1; // this one and what follows of its kind
        std::string ending = {}; // only files with names that end so; all calls are counted
    };

    FaultFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target, std::uint64_t seed)
        : FileSystemWrapper(target),
          random_(seed) {}
    const char* Name() const override { return "FaultFileSystem"; }

    void arm(const Fault& fault); // counts anew
    void disarm() { arm({.times = 0}); }
    std::uint64_t calls(Call call) const;
    std::uint64_t failures() const; // since arm()

    using Options = rocksdb::FileOptions;
    using IOOptions = rocksdb::IOOptions;
    using IOStatus = rocksdb::IOStatus;
    using Debug = rocksdb::IODebugContext;
    IOStatus NewWritableFile(const std::string& name, const Options& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override;
    IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                          std::unique_ptr<rocksdb::FSDirectory>* directory, Debug* debug) override;
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                        Debug* debug) override;
    IOStatus DeleteFile(const std::string& name, const IOOptions& options, Debug* debug) override;

 private:
    class File;
    class Directory;
    IOStatus enter(Call call, const std::string& name); // counts, and says what comes of it
    std::size_t part_of(std::size_t size);

    mutable std::mutex mutex_;
    std::mt19937_64 random_;
    Fault fault_{.times = 0};
    std::array<std::uint64_t, 3> calls_{};
    std::uint64_t failures_ = 0;
};

} // namespace storage::test
