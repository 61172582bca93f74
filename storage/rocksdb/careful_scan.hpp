// Walks through a column family over what cannot be read: where an ordinary iterator ends with an error, this one looks
// for the next key that can be read and says what is between. For the tools; slow where there is damage.
#pragma once

#include "storage/rocksdb/database.hpp"

#include <functional>

namespace storage {

// Nothing between the two keys could be read. An empty one: from the beginning, or to the end.
struct UnreadableRange {
    Family family;
    std::string after;
    std::string before;
    std::string reason;
};

class CarefulScan {
 public:
    using Found = std::function<void(const UnreadableRange&)>;
    CarefulScan(const Database& database, Family family, Found found);

    bool valid() const { return at_->Valid(); }
    std::string_view key() const { return view(at_->key()); }
    std::string_view value() const { return view(at_->value()); }
    void next();

 private:
    void pass_damage();
    bool can_seek(const std::string& target);

    const Family family_;
    const Found found_;
    std::unique_ptr<rocksdb::Iterator> at_;
    std::string last_; // the latest key that was read
};

} // namespace storage
