#include "storage/rocksdb/record_check.hpp"

#include "protocol/field_table.hpp"
#include "storage/byte_codec.hpp"

#include <array>
#include <type_traits>

namespace storage {
namespace {

struct TypeName {
    const char* text;
    bool joined; // the name is several strings, each behind its length
};
constexpr std::array<TypeName, 13> type_names{{{"record", false},
                                               {"virtual host", false},
                                               {"user", false},
                                               {"permission", true},
                                               {"topic permission", true},
                                               {"exchange", false},
                                               {"queue", false},
                                               {"binding", true},
                                               {"policy", false},
                                               {"operator policy", false},
                                               {"parameter", true},
                                               {"global parameter", false},
                                               {"limit", false}}};

template <class Record>
CheckedRecord check(const RecordKey& key, std::string_view value) {
    const auto record = decode_record<Record>(value);
    if (!record)
        return {.fault = record.error().text};
    CheckedRecord checked;
    if (key_of(*record) != key)
        checked.fault = "it stands under another name";
    if constexpr (requires { record->arguments; })
        if (!amqp::is_well_formed({record->arguments}))
            checked.fault = "its arguments are malformed";
    if constexpr (std::is_same_v<Record, PolicyRecord>)
        if (!amqp::is_well_formed({record->definition}))
            checked.fault = "its definition is malformed";
    if constexpr (std::is_same_v<Record, QueueRecord>)
        checked.queue = record->id;
    if constexpr (std::is_same_v<Record, ExchangeRecord>)
        checked.queue = record->kept_queue;
    if constexpr (std::is_same_v<Record, VirtualHostRecord>)
        checked.its_shard = record->shard;
    return checked;
}

} // namespace

CheckedRecord check_record(const RecordKey& key, std::string_view value) {
    switch (key.type) {
    case RecordType::virtual_host:
        return check<VirtualHostRecord>(key, value);
    case RecordType::user:
        return check<UserRecord>(key, value);
    case RecordType::permission:
        return check<PermissionRecord>(key, value);
    case RecordType::topic_permission:
        return check<TopicPermissionRecord>(key, value);
    case RecordType::exchange:
        return check<ExchangeRecord>(key, value);
    case RecordType::queue:
        return check<QueueRecord>(key, value);
    case RecordType::binding:
        return check<BindingRecord>(key, value);
    case RecordType::policy:
    case RecordType::operator_policy:
        return check<PolicyRecord>(key, value);
    case RecordType::parameter:
        return check<ParameterRecord>(key, value);
    case RecordType::global_parameter:
        return check<GlobalParameterRecord>(key, value);
    case RecordType::limit:
        return check<LimitRecord>(key, value);
    }
    return {.fault = "its type " + std::to_string(static_cast<unsigned>(key.type)) + " is not known"};
}

std::string printable(std::string_view text) {
    std::string result(text);
    for (char& octet : result)
        if (octet < ' ' || octet == 0x7f)
            octet = octet < 0 ? octet : '?';
    return result;
}

std::string name_of(const RecordKey& key) {
    const auto number = static_cast<std::size_t>(key.type);
    const TypeName type = type_names[number < type_names.size() ? number : 0];
    std::string text = type.text;
    if (!type.joined)
        return text + " '" + printable(key.name) + "'";
    ByteReader in(key.name);
    for (const char* between = " '"; in.remaining() > 0; between = ", '") {
        const std::string_view part = in.string();
        if (part.size() == 1 && part.front() < ' ')
            continue; // the kind of a binding's destination
        text += between + printable(part) + "'";
    }
    return text;
}

} // namespace storage
