// A file system for RocksDB that forgets at a power cut what was not synced: octets behind the last fsync of a file,
// and names (made, renamed, removed) behind the last fsync of their directory. Of the unsynced tail of a file a random
// part may survive, and of the unsynced changes of names the first ones, as with a journalling file system. A file
// whose end was moved ahead of what is written mostly keeps that length, and zeros in it. Everything is kept in real
// files, which restore() changes to what would be left.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace storage::test {

class PowerCutFileSystem final : public rocksdb::FileSystemWrapper {
 public:
    explicit PowerCutFileSystem(std::uint64_t seed)
        : FileSystemWrapper(rocksdb::FileSystem::Default()),
          random_(seed) {}
    const char* Name() const override { return "PowerCutFileSystem"; }

    void cut();                            // from now on nothing reaches the disk, and everything fails
    void cut_after(std::uint64_t changes); // counted in appends, syncs, renames and the like
    enum class Sync : std::uint8_t { lost, done }; // the one at which the power is cut
    void cut_at_sync(std::uint64_t index, Sync sync);
    std::uint64_t syncs() const; // since the last restore()
    bool is_cut() const;
    void restore(); // with no file open any more: leaves what survived, and works again

    using Options = rocksdb::FileOptions;
    using IOOptions = rocksdb::IOOptions;
    using IOStatus = rocksdb::IOStatus;
    using Debug = rocksdb::IODebugContext;
    IOStatus NewWritableFile(const std::string& name, const Options& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file, Debug* debug) override;
    IOStatus ReopenWritableFile(const std::string&, const Options&, std::unique_ptr<rocksdb::FSWritableFile>*,
                                Debug*) override {
        return IOStatus::NotSupported("not simulated");
    }
    IOStatus ReuseWritableFile(const std::string&, const std::string&, const Options&,
                               std::unique_ptr<rocksdb::FSWritableFile>*, Debug*) override {
        return IOStatus::NotSupported("not simulated");
    }
    IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                          std::unique_ptr<rocksdb::FSDirectory>* directory, Debug* debug) override;
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                        Debug* debug) override;
    IOStatus DeleteFile(const std::string& name, const IOOptions& options, Debug* debug) override;

 private:
    class File;
    class Directory;
    struct Size {
        std::uint64_t written = 0;
        std::uint64_t synced = 0;
        std::uint64_t ahead = 0; // where the file ends, or 0: behind what is written
    };
    struct OldName { // what a name stood for before a change
        std::string name;
        bool existed = false;
        std::string content;
    };
    using Change = std::vector<OldName>; // all or nothing: a rename changes two names
    bool lost_power();                   // counts a change; with the mutex held
    bool lost_power_at_sync();           // likewise, in a sync
    void sync_done();
    static IOStatus no_power() { return IOStatus::IOError("no power"); }
    OldName remember(const std::string& name) const; // before it is changed
    void directory_synced(const std::string& name);

    mutable std::mutex mutex_;
    bool cut_ = false;
    std::uint64_t changes_left_ = UINT64_MAX;
    std::uint64_t syncs_ = 0;
    std::uint64_t cut_at_sync_ = UINT64_MAX;
    Sync cut_sync_ = Sync::lost;
    std::mt19937_64 random_;
    std::map<std::string, Size> sizes_;
    std::vector<Change> unsynced_changes_;
};

// For RocksStoreOptions::environment; keeps the file system alive.
std::shared_ptr<void> environment_on(const std::shared_ptr<rocksdb::FileSystem>& file_system);

} // namespace storage::test
