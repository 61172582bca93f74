#include "storage/rocksdb/inspection.hpp"

#include "storage/rocksdb/newest_wal.hpp"

#include <algorithm>
#include <stdexcept>

namespace storage {
namespace {

// A directory with a sentinel is ours, whatever else is wrong with it.
void refuse_foreign(const DataDirectory& directory) {
    std::vector<std::string> families;
    if (directory.has_sentinel() ||
        !rocksdb::DB::ListColumnFamilies({}, directory.database().string(), &families).ok())
        return;
    if (std::find(families.begin(), families.end(), "pages") == families.end())
        throw std::runtime_error("data directory " + directory.path().string() +
                                 " holds a database of another program");
}

} // namespace

RocksStoreOptions quiet_options() {
    RocksStoreOptions options;
    options.log = [](LogLevel, std::string_view) {};
    return options;
}

std::unique_ptr<Database> open_for_inspection(const DataDirectory& directory, const Examiner::Found& found,
                                              const SayLine& note) {
    refuse_foreign(directory);
    const auto unreadable = [&](std::string text) { found({Finding::Kind::unreadable, {}, 0, std::move(text)}); };
    Access access = Access::read;
    try {
        directory.check_sentinel();
        const auto wal = find_newest_wal(directory.database());
        if (wal && !wal->contents.faults.empty()) {
            if (wal->contents.is_torn())
                note(wal->text() + ": a write that never ended");
            else
                unreadable(wal->text() + ", in what was synced: at least " +
                           std::to_string(wal->contents.lost_changes) + " changes are lost");
        }
    } catch (const std::runtime_error& error) {
        unreadable(error.what());
        access = Access::salvage;
    }
    for (; access != Access::write; access = access == Access::read ? Access::salvage : Access::write) {
        try {
            return std::make_unique<Database>(directory.database(), quiet_options(), access);
        } catch (const std::runtime_error& error) {
            if (access == Access::read)
                unreadable(error.what());
            else
                note("nothing of it can be read: " + std::string(error.what()));
        }
    }
    return nullptr;
}

} // namespace storage
