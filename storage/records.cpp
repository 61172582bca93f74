// record     = version:u8 field*
// string     = size:varint octet*size
// bool       = u8 (0 or 1)          id, limit = u64 / i64, little-endian
// list       = count:varint string*count
// limits     = count:varint (string i64)*count
#include "storage/records.hpp"

#include "storage/byte_codec.hpp"

#include <type_traits>

namespace storage {
namespace {

constexpr std::uint8_t record_version = 1;

class RecordWriter {
 public:
    void field(const std::string& value) { put_string(out, value); }
    void field(bool value) { out.push_back(value ? 1 : 0); }
    void field(std::uint32_t value) { put_little_endian(out, value); }
    void field(std::uint64_t value) { put_little_endian(out, value); }
    void field(std::int64_t value) { put_little_endian(out, value); }
    void field(DestinationType value) { out.push_back(static_cast<char>(value)); }
    void field(const std::vector<std::string>& values) {
        put_varint(out, values.size());
        for (const auto& value : values)
            put_string(out, value);
    }
    void field(const std::map<std::string, std::int64_t>& values) {
        put_varint(out, values.size());
        for (const auto& [name, value] : values) {
            put_string(out, name);
            put_little_endian(out, value);
        }
    }

    std::string out{static_cast<char>(record_version)};
};

class RecordReader {
 public:
    explicit RecordReader(std::string_view bytes) : in(bytes) {}

    void field(std::string& value) { value = in.string(); }
    void field(bool& value) {
        const std::uint8_t octet = in.u8();
        if (octet > 1)
            in.fail();
        value = octet == 1;
    }
    void field(std::uint32_t& value) { value = in.little_endian<std::uint32_t>(); }
    void field(std::uint64_t& value) { value = in.little_endian<std::uint64_t>(); }
    void field(std::int64_t& value) { value = in.little_endian<std::int64_t>(); }
    void field(DestinationType& value) {
        const std::uint8_t octet = in.u8();
        if (octet > static_cast<std::uint8_t>(DestinationType::exchange))
            in.fail();
        value = static_cast<DestinationType>(octet);
    }
    // An element takes at least one octet, so the loops end with the bytes, whatever the count says.
    void field(std::vector<std::string>& values) {
        for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left)
            values.emplace_back(in.string());
    }
    void field(std::map<std::string, std::int64_t>& values) {
        for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
            std::string name{in.string()};
            values[std::move(name)] = in.little_endian<std::int64_t>();
        }
    }

    ByteReader in;
};

// One list of fields per record serves both directions: `Record` is const when writing.
template <class Codec, class Record>
void visit_fields(Codec& codec, Record& r) {
    using Type = std::remove_const_t<Record>;
    const auto fields = [&codec](auto&... each) { (codec.field(each), ...); };
    if constexpr (std::is_same_v<Type, VirtualHostRecord>)
        fields(r.name, r.shard, r.description, r.tags, r.default_queue_type, r.tracing, r.protected_from_deletion);
    else if constexpr (std::is_same_v<Type, UserRecord>)
        fields(r.name, r.password_hash, r.hashing_algorithm, r.tags, r.limits);
    else if constexpr (std::is_same_v<Type, PermissionRecord>)
        fields(r.user, r.virtual_host, r.configure, r.write, r.read);
    else if constexpr (std::is_same_v<Type, TopicPermissionRecord>)
        fields(r.user, r.virtual_host, r.exchange, r.write, r.read);
    else if constexpr (std::is_same_v<Type, ExchangeRecord>)
        fields(r.name, r.type, r.auto_delete, r.internal, r.arguments, r.kept_queue);
    else if constexpr (std::is_same_v<Type, QueueRecord>)
        fields(r.name, r.id, r.auto_delete, r.exclusive, r.arguments);
    else if constexpr (std::is_same_v<Type, BindingRecord>)
        fields(r.source, r.destination, r.destination_type, r.routing_key, r.arguments);
    else if constexpr (std::is_same_v<Type, PolicyRecord>)
        fields(r.name, r.pattern, r.apply_to, r.priority, r.definition, r.operators);
    else if constexpr (std::is_same_v<Type, ParameterRecord>)
        fields(r.component, r.name, r.value);
    else if constexpr (std::is_same_v<Type, GlobalParameterRecord> || std::is_same_v<Type, LimitRecord>)
        fields(r.name, r.value);
}

// Parts behind their lengths, so that no octet in a name can make two keys the same.
template <class... Parts>
std::string joined(const Parts&... parts) {
    std::string name;
    (put_string(name, parts), ...);
    return name;
}

} // namespace

template <class Record>
std::string encode_record(const Record& record) {
    RecordWriter writer;
    visit_fields(writer, record);
    return std::move(writer.out);
}

template <class Record>
amqp::Result<Record> decode_record(std::string_view value) {
    RecordReader reader(value);
    const std::uint8_t version = reader.in.u8();
    if (reader.in.ok() && version != record_version)
        return amqp::internal_error("stored record has version " + std::to_string(version) + ", not " +
                                    std::to_string(record_version));
    Record record;
    visit_fields(reader, record);
    if (!reader.in.at_end())
        return amqp::internal_error("stored record is damaged");
    return record;
}

#define LEVERET_RECORD(Record)                                                                                         \
    template std::string encode_record<Record>(const Record&);                                                         \
    template amqp::Result<Record> decode_record<Record>(std::string_view);
LEVERET_RECORD(VirtualHostRecord)
LEVERET_RECORD(UserRecord)
LEVERET_RECORD(PermissionRecord)
LEVERET_RECORD(TopicPermissionRecord)
LEVERET_RECORD(ExchangeRecord)
LEVERET_RECORD(QueueRecord)
LEVERET_RECORD(BindingRecord)
LEVERET_RECORD(PolicyRecord)
LEVERET_RECORD(ParameterRecord)
LEVERET_RECORD(GlobalParameterRecord)
LEVERET_RECORD(LimitRecord)
#undef LEVERET_RECORD

RecordKey key_of(const VirtualHostRecord& record) {
    return {RecordType::virtual_host, record.name};
}
RecordKey key_of(const UserRecord& record) {
    return {RecordType::user, record.name};
}
RecordKey key_of(const PermissionRecord& record) {
    return {RecordType::permission, joined(record.user, record.virtual_host)};
}
RecordKey key_of(const TopicPermissionRecord& record) {
    return {RecordType::topic_permission, joined(record.user, record.virtual_host, record.exchange)};
}
RecordKey key_of(const ExchangeRecord& record) {
    return {RecordType::exchange, record.name};
}
RecordKey key_of(const QueueRecord& record) {
    return {RecordType::queue, record.name};
}
RecordKey key_of(const BindingRecord& record) {
    const std::string kind{static_cast<char>(record.destination_type)};
    return {RecordType::binding, joined(record.source, kind, record.destination, record.routing_key, record.arguments)};
}
RecordKey key_of(const PolicyRecord& record) {
    return {record.operators ? RecordType::operator_policy : RecordType::policy, record.name};
}
RecordKey key_of(const ParameterRecord& record) {
    return {RecordType::parameter, joined(record.component, record.name)};
}
RecordKey key_of(const GlobalParameterRecord& record) {
    return {RecordType::global_parameter, record.name};
}
RecordKey key_of(const LimitRecord& record) {
    return {RecordType::limit, record.name};
}

} // namespace storage
