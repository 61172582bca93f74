// leveret repair: keeps the store as it is aside, copies what RocksDB can read where it stumbles over something, and
// lets Mender do the rest.
#include "storage/rocksdb/inspection.hpp"
#include "storage/rocksdb/mender.hpp"
#include "storage/rocksdb/newest_wal.hpp"

#include <fcntl.h>
#include <stdio.h> // renameat2
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t copied_at_once = 4 << 20;

void require(const rocksdb::Status& status, const char* what) {
    if (!status.ok())
        throw std::runtime_error(std::string(what) + ": " + status.ToString());
}

// Tables never change: a second name is a copy.
void copy_files(const fs::path& from, const fs::path& to) {
    fs::create_directories(to);
    for (const auto& file : fs::directory_iterator(from)) {
        std::error_code error;
        if (!file.is_regular_file())
            continue;
        const fs::path copy = to / file.path().filename();
        if (file.path().extension() == ".sst")
            fs::create_hard_link(file.path(), copy, error);
        if (file.path().extension() != ".sst" || error)
            fs::copy_file(file.path(), copy);
    }
}

std::uint64_t size_of(const fs::path& directory) {
    std::uint64_t bytes = 0;
    for (const auto& file : fs::directory_iterator(directory))
        bytes += file.is_regular_file() ? file.file_size() : 0;
    return bytes;
}

class Repair {
 public:
    Repair(const fs::path& directory, const SayLine& say)
        : directory_(directory, DataDirectory::Use::repair),
          say_(say),
          work_(directory / "db.work") {}

    Repaired run() {
        fs::remove_all(work_); // of a repair that was cut short
        Repaired result;
        if (!look(result.contents))
            return result;
        result.changed = true;
        result.original = room_for_original();
        keep_original(result.original / "db");
        mend();
        result.contents = look_again();
        return result;
    }

 private:
    // False when there is nothing to repair.
    bool look(StoreContents& contents) {
        bool damaged = false;
        const auto found = [&](const Finding& finding) {
            damaged = true;
            unreadable_ |= finding.kind == Finding::Kind::unreadable;
            say_("found: " + finding.text);
        };
        const auto database = open_for_inspection(directory_, found, say_);
        may_be_lost_ = {damaged, damaged}; // nobody knows what a lost log had said
        if (database) {
            Examiner examiner(*database, found, say_);
            examiner.examine();
            contents = examiner.contents();
        }
        unreadable_ |= !database;
        return damaged || !database;
    }

    fs::path room_for_original() const {
        for (int number = 1;; ++number) {
            const fs::path path = directory_.path() / ("before-repair-" + std::to_string(number));
            if (::mkdir(path.c_str(), 0700) == 0)
                return path;
            if (errno != EEXIST)
                throw std::runtime_error(path.string() + " cannot be made: " + std::system_category().message(errno));
        }
    }

    void keep_original(const fs::path& original) {
        try {
            if (unreadable_)
                salvage(original);
            else
                copy_files(directory_.database(), original);
        } catch (...) {
            fs::remove_all(original.parent_path()); // the original is where it was
            throw;
        }
    }

    // Makes a fresh database where the original is to be, and exchanges the two.
    void salvage(const fs::path& original) {
        const std::uint64_t needed = size_of(directory_.database());
        if (fs::space(directory_.path()).available < needed + (std::uint64_t{64} << 20))
            throw std::runtime_error("a copy of the store needs " + std::to_string((needed >> 20) + 64) +
                                     " MiB of free space in " + directory_.path().string());
        std::unique_ptr<Database> source = open_source();
        {
            Database target(original, quiet_options());
            for (std::size_t family = 0; family < family_count; ++family)
                copy(*source, target, static_cast<Family>(family));
            require(target.flush() ? rocksdb::Status::OK() : rocksdb::Status::IOError("flush"),
                    "the repaired store cannot be written");
        }
        source.reset();
        fs::remove_all(work_);
        const fs::path database = directory_.database();
        if (::renameat2(AT_FDCWD, original.c_str(), AT_FDCWD, database.c_str(), RENAME_EXCHANGE) != 0)
            throw std::runtime_error(database.string() + " cannot be replaced: " +
                                     std::system_category().message(errno));
    }

    // A copy with logs of what can be read in them; or what RocksDB's own repair has made of that.
    std::unique_ptr<Database> open_source() {
        copy_files(directory_.database(), work_);
        for (const auto& file : fs::directory_iterator(work_))
            if (file.path().extension() == ".log")
                rewrite_damaged_wal(file);
        try {
            return std::make_unique<Database>(work_, quiet_options(), Access::salvage);
        } catch (const std::runtime_error& error) {
            say_("found: " + std::string(error.what()) + "; trying RocksDB's own repair");
        }
        const RocksStoreOptions options = quiet_options();
        require(rocksdb::RepairDB(work_.string(), database_options(options, {}), column_families(options),
                                  rocksdb::ColumnFamilyOptions()),
                "nothing can be saved");
        may_be_lost_ = {true, true};
        std::error_code none;
        for (const auto& lost : fs::directory_iterator(work_ / "lost", none))
            if (lost.path().extension() == ".sst")
                say_("lost: the table " + lost.path().filename().string());
        return std::make_unique<Database>(work_, options); // with families anew of which no table is left
    }

    void copy(const Database& source, Database& target, Family family) {
        rocksdb::WriteOptions how;
        how.disableWAL = true; // all is flushed before it is used
        rocksdb::WriteBatch writes;
        const auto write = [&] {
            require(target.db().Write(how, &writes), "the repaired store cannot be written");
            writes.Clear();
        };
        CarefulScan at(source, family, [&](const UnreadableRange& range) {
            say_("lost: " + text_of(range));
            may_be_lost_.records |= family == Family::records;
            may_be_lost_.queue_rows |= family == Family::queues;
        });
        for (; at.valid(); at.next()) {
            require(writes.Put(target.family(family), slice(at.key()), slice(at.value())), "out of memory");
            if (writes.GetDataSize() > copied_at_once)
                write();
        }
        write();
    }

    void mend() {
        settle_newest_wal(directory_.database());
        Database database(directory_.database(), quiet_options());
        Mender(database, say_, may_be_lost_).mend();
        if (!database.flush() || directory_.write_sentinel(database.wal_number()))
            throw std::runtime_error("the repaired store cannot be written");
    }

    StoreContents look_again() {
        const Database database(directory_.database(), quiet_options(), Access::read);
        Examiner examiner(database,
                          [](const Finding& finding) {
                              throw std::runtime_error("it could not be repaired: " + finding.text);
                          },
                          {});
        examiner.examine();
        return examiner.contents();
    }

    DataDirectory directory_;
    const SayLine& say_;
    const fs::path work_;
    bool unreadable_ = false;
    MayBeLost may_be_lost_;
};

} // namespace

Repaired repair_rocksdb(const fs::path& directory, const SayLine& say) {
    return Repair(directory, say).run();
}

} // namespace storage
