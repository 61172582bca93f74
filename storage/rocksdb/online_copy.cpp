#include "storage/rocksdb/online_copy.hpp"

#include "storage/rocksdb/data_directory.hpp"

#include <rocksdb/utilities/checkpoint.h>
#include <sys/stat.h>

#include <limits>
#include <memory>
#include <string>

namespace storage {
namespace {

namespace fs = std::filesystem;

// RocksDB aborts where it finds a full disk, so there must be room for what is copied.
bool has_room(const fs::path& source, const fs::path& parent, std::uint64_t reserve) {
    struct stat from {};
    struct stat to {};
    if (::stat(source.c_str(), &from) != 0 || ::stat(parent.c_str(), &to) != 0)
        return false;
    std::uint64_t needed = reserve;
    for (const auto& file : fs::directory_iterator(source)) {
        std::error_code gone; // it may go meanwhile
        const auto size = file.file_size(gone);
        if (!gone && (from.st_dev != to.st_dev || file.path().extension() != ".sst"))
            needed += size;
    }
    return fs::space(parent).available > needed;
}

amqp::Result<> copy(const Database& database, const fs::path& unfinished, const fs::path& directory) {
    rocksdb::Checkpoint* made = nullptr;
    auto status = rocksdb::Checkpoint::Create(&database.db(), &made);
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    if (status.ok()) // never flushes: what dies young needs no table, and the logs are small
        status = checkpoint->CreateCheckpoint((unfinished / "db").string(), std::numeric_limits<std::uint64_t>::max());
    if (!status.ok())
        return amqp::internal_error("the copy failed: " + status.ToString());
    std::error_code error = write_sentinel(unfinished, newest_log(unfinished / "db"));
    if (!error)
        fs::rename(unfinished, directory, error);
    if (!error)
        error = sync_directory(directory.parent_path());
    return error ? amqp::internal_error("the copy cannot be written: " + error.message()) : amqp::Result<>();
}

} // namespace

amqp::Result<> copy_while_open(const Database& database, const fs::path& source, const fs::path& directory,
                               std::uint64_t reserve) {
    const fs::path unfinished = directory.string() + ".unfinished";
    std::error_code ignored;
    try {
        fs::create_directories(directory.parent_path());
        fs::remove_all(unfinished); // of a process that ended meanwhile
        if (!has_room(source, directory.parent_path(), reserve))
            return amqp::internal_error("there is not enough free space for a copy");
        if (::mkdir(unfinished.c_str(), 0700) != 0)
            return amqp::internal_error(unfinished.string() + " cannot be made");
        auto copied = copy(database, unfinished, directory);
        if (!copied)
            fs::remove_all(unfinished, ignored);
        return copied;
    } catch (const fs::filesystem_error& error) {
        fs::remove_all(unfinished, ignored);
        return amqp::internal_error(error.what());
    }
}

} // namespace storage
