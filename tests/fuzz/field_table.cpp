// Field tables from any octets: the check and the decoder agree, encoding is the inverse of decoding, and every value
// equals itself in every sense.
#include "protocol/field_table.hpp"

#include "protocol/assert.hpp"

#include <string>

using namespace amqp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const EncodedTable input{{reinterpret_cast<const char*>(data), size}};
    const Result<FieldTable> table = FieldTable::decode(input);
    LEVERET_ASSERT(table.has_value() == is_well_formed(input));
    if (!table) {
        return 0;
    }
    const std::string encoded = table->encode();
    LEVERET_ASSERT(encoded.size() == size); // `L` and odd truths are written differently, but as long
    const Result<FieldTable> again = FieldTable::decode({encoded});
    LEVERET_ASSERT(again.has_value() && *again == *table);
    LEVERET_ASSERT(again->encode() == encoded);
    for (const auto& [key, value] : *table) {
        LEVERET_ASSERT(table->contains(key));
        LEVERET_ASSERT(value == value && equivalent(value, value) && same_term(value, value));
        LEVERET_ASSERT(!value.type_name().empty());
        static_cast<void>(value.to_text());
    }
    FieldTable sorted = *table;
    sorted.sort_by_key();
    LEVERET_ASSERT(sorted.size() == table->size());
    return 0;
}
