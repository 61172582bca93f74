// leveret verify: the directory, the logs, then everything in the database.
#include "storage/rocksdb/inspection.hpp"

namespace storage {

Verified verify_rocksdb(const std::filesystem::path& directory, const SayLine& finding, const SayLine& note) {
    const DataDirectory locked(directory, DataDirectory::Use::look);
    Verified result;
    const auto found = [&](const Finding& each) {
        result.findings += 1;
        finding(each.text);
    };
    if (const auto database = open_for_inspection(locked, found, note)) {
        Examiner examiner(*database, found, note);
        examiner.examine();
        result.contents = examiner.contents();
    }
    return result;
}

} // namespace storage
