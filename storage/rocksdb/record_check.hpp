// A stored record as the tools see it: whether it can be read, whether it stands under its own key, and how to call it
// in a line of text.
#pragma once

#include "storage/records.hpp"

#include <string>
#include <string_view>

namespace storage {

struct CheckedRecord {
    std::string fault;     // empty: none
    QueueId queue = 0;     // that a queue or an exchange keeps messages under; 0: none
    ShardId its_shard = 0; // of a virtual host
};

CheckedRecord check_record(const RecordKey& key, std::string_view value);

std::string name_of(const RecordKey& key); // "queue 'orders'"
std::string printable(std::string_view text); // other octets as ?

} // namespace storage
