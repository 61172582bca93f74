#include "storage/rocksdb/newest_wal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <stdexcept>
#include <system_error>

namespace storage {
namespace {

void sync_file(const std::filesystem::path& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    const bool synced = file >= 0 && ::fdatasync(file) == 0;
    if (file >= 0)
        ::close(file);
    if (!synced)
        throw std::runtime_error("the write-ahead log " + path.string() + " cannot be synced");
}

} // namespace

std::map<std::uint64_t, std::filesystem::path> wal_files(const std::filesystem::path& database) {
    std::map<std::uint64_t, std::filesystem::path> files;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(database, missing)) {
        const std::string name = entry.path().filename().string();
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc{} && std::string_view(end) == ".log")
            files[number] = entry.path();
    }
    return files;
}

std::string NewestWal::text() const {
    const WalFault& fault = contents.faults.front();
    return "the write-ahead log " + file.filename().string() + " is damaged from octet " + std::to_string(fault.begin) +
           " to " + std::to_string(fault.end) + " of " + std::to_string(contents.size);
}

std::optional<NewestWal> find_newest_wal(const std::filesystem::path& database) {
    const auto files = wal_files(database);
    for (auto each = files.rbegin(); each != files.rend(); ++each) {
        NewestWal wal{each->second, read_wal(each->second)};
        if (wal.contents.batches > 0 || !wal.contents.faults.empty())
            return wal;
    }
    return std::nullopt;
}

void cut_torn_tail(const NewestWal& wal) {
    std::error_code error;
    std::filesystem::resize_file(wal.file, wal.contents.faults.front().begin, error);
    if (error)
        throw std::runtime_error("the write-ahead log " + wal.file.string() + " cannot be cut: " + error.message());
    sync_file(wal.file);
}

std::string settle_newest_wal(const std::filesystem::path& database) {
    for (const auto& [number, file] : wal_files(database))
        sync_file(file);
    const auto wal = find_newest_wal(database);
    if (!wal || wal->contents.faults.empty())
        return {};
    if (!wal->contents.is_torn())
        throw std::runtime_error("data directory " + database.parent_path().string() + ": " + wal->text() +
                                 ", in what was synced");
    cut_torn_tail(*wal);
    return wal->text() + ": a write that never ended, cut off";
}

} // namespace storage
