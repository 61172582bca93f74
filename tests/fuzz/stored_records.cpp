// Metadata records as they stand in the store: what can be read is written again as something that reads alike. The
// first octet says which kind of record the rest is.
#include "protocol/assert.hpp"
#include "storage/records.hpp"
#include "storage/rocksdb/key_codec.hpp"
#include "tests/fuzz/input.hpp"

#include <boost/mp11/algorithm.hpp>
#include <boost/mp11/list.hpp>

using namespace storage;
namespace mp11 = boost::mp11;

namespace {

using Records =
    mp11::mp_list<VirtualHostRecord, UserRecord, PermissionRecord, TopicPermissionRecord, ExchangeRecord, QueueRecord,
                  BindingRecord, PolicyRecord, ParameterRecord, GlobalParameterRecord, LimitRecord>;

template <class Record>
void read(std::string_view value) {
    const auto record = decode_record<Record>(value);
    if (!record) {
        LEVERET_ASSERT(!record.error().text.empty());
        return;
    }
    const std::string encoded = encode_record(*record);
    const auto again = decode_record<Record>(encoded);
    LEVERET_ASSERT(again.has_value() && encode_record(*again) == encoded && key_of(*again) == key_of(*record));
    const auto key = decode_record_key(encode_key(ShardId{7}, key_of(*record)));
    LEVERET_ASSERT(key && key->shard == 7 && key->key == key_of(*record));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const std::size_t kind = input.octet() % mp11::mp_size<Records>::value;
    mp11::mp_with_index<mp11::mp_size<Records>::value>(
        kind, [&](auto index) { read<mp11::mp_at_c<Records, decltype(index)::value>>(input.rest()); });
    static_cast<void>(decode_record_key(input.rest()));
    return 0;
}
