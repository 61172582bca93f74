// Field tables on the wire [spec 4.2.5.5]:
//
//   table   =  length(4) *( name value )        name = short string
//   array   =  length(4) *value
//   value   =  letter octets
//
//   t bool(1)   b B int8 uint8   s u int16 uint16   I i int32 uint32   l L int64   f float   d double
//   D scale(1) uint32   S long string   x byte array   A array   T seconds(8)   F table   V nothing
//
// The letters are RabbitMQ's; `s` is an integer, `L` is read as `l` and never written. Floats that Erlang cannot hold
// (NaN, infinities) are malformed, as there.
#include "protocol/assert.hpp"
#include "protocol/field_table.hpp"
#include "protocol/wire_reader.hpp"
#include "protocol/wire_writer.hpp"

#include <cmath>

namespace amqp {

namespace {

// Walks over encoded values and checks them. Recursion ends at max_table_depth.
class Checker {
 public:
    bool table(Bytes encoded) { return nested<true>(encoded); }

 private:
    template <bool named>
    bool nested(Bytes encoded) {
        if (depth_ == max_table_depth) {
            return false;
        }
        ++depth_;
        WireReader reader(encoded);
        while (!reader.at_end()) {
            if (++elements_ > max_table_elements) {
                return false;
            }
            if constexpr (named) {
                reader.get<ShortString>();
            }
            if (!value(reader)) {
                return false;
            }
        }
        --depth_;
        return !reader.failed();
    }

    template <class Float>
    static bool finite(WireReader& reader) {
        return std::isfinite(reader.get<Float>());
    }

    bool value(WireReader& reader) {
        switch (reader.get<std::uint8_t>()) {
        case 'V':
            break;
        case 't':
        case 'b':
        case 'B':
            reader.take(1);
            break;
        case 's':
        case 'u':
            reader.take(2);
            break;
        case 'I':
        case 'i':
            reader.take(4);
            break;
        case 'D':
            reader.take(5);
            break;
        case 'l':
        case 'L':
        case 'T':
            reader.take(8);
            break;
        case 'f':
            return finite<float>(reader) && !reader.failed();
        case 'd':
            return finite<double>(reader) && !reader.failed();
        case 'S':
        case 'x':
            reader.get<LongString>();
            break;
        case 'A': {
            const Bytes array = reader.get<LongString>();
            return !reader.failed() && nested<false>(array);
        }
        case 'F': {
            const Bytes inner = reader.get<LongString>();
            return !reader.failed() && nested<true>(inner);
        }
        default:
            return false;
        }
        return !reader.failed();
    }

    std::size_t depth_ = 0;
    std::size_t elements_ = 0;
};

FieldTable read_table(Bytes encoded);
Array read_array(Bytes encoded);

// `reader` stands in a table that Checker has passed.
FieldValue read_value(WireReader& reader) {
    switch (reader.get<std::uint8_t>()) {
    case 't':
        return reader.get<std::uint8_t>() != 0;
    case 'b':
        return reader.get<std::int8_t>();
    case 'B':
        return reader.get<std::uint8_t>();
    case 's':
        return reader.get<std::int16_t>();
    case 'u':
        return reader.get<std::uint16_t>();
    case 'I':
        return reader.get<std::int32_t>();
    case 'i':
        return reader.get<std::uint32_t>();
    case 'l':
    case 'L':
        return reader.get<std::int64_t>();
    case 'f':
        return reader.get<float>();
    case 'd':
        return reader.get<double>();
    case 'D': {
        const auto scale = reader.get<std::uint8_t>();
        return Decimal{scale, reader.get<std::uint32_t>()};
    }
    case 'S':
        return std::string(reader.get<LongString>().value);
    case 'x':
        return ByteArray{std::string(reader.get<LongString>().value)};
    case 'A':
        return read_array(reader.get<LongString>());
    case 'T':
        return Timestamp{reader.get<std::uint64_t>()};
    case 'F':
        return read_table(reader.get<LongString>());
    default:
        return Void{};
    }
}

FieldTable read_table(Bytes encoded) {
    FieldTable table;
    WireReader reader(encoded);
    while (!reader.at_end()) {
        const auto key = reader.get<ShortString>();
        table.append(key, read_value(reader));
    }
    return table;
}

Array read_array(Bytes encoded) {
    Array array;
    WireReader reader(encoded);
    while (!reader.at_end()) {
        array.push_back(read_value(reader));
    }
    return array;
}

void write_table(WireWriter& writer, const FieldTable& table);

struct WriteValue {
    WireWriter& writer;

    void operator()(Void) const { letter('V'); }
    void operator()(bool value) const { number('t', std::uint8_t{value}); }
    void operator()(std::int8_t value) const { number('b', value); }
    void operator()(std::uint8_t value) const { number('B', value); }
    void operator()(std::int16_t value) const { number('s', value); }
    void operator()(std::uint16_t value) const { number('u', value); }
    void operator()(std::int32_t value) const { number('I', value); }
    void operator()(std::uint32_t value) const { number('i', value); }
    void operator()(std::int64_t value) const { number('l', value); }
    void operator()(float value) const { number('f', value); }
    void operator()(double value) const { number('d', value); }
    void operator()(Decimal value) const {
        number('D', value.scale);
        writer.put(value.value);
    }
    void operator()(const std::string& value) const {
        letter('S');
        writer.put(LongString{value});
    }
    void operator()(const ByteArray& value) const {
        letter('x');
        writer.put(LongString{value.bytes});
    }
    void operator()(Timestamp value) const { number('T', value.seconds); }
    void operator()(const Array& array) const {
        letter('A');
        const std::size_t begin = writer.begin_length();
        for (const FieldValue& value : array) {
            std::visit(*this, value.variant());
        }
        writer.end_length(begin);
    }
    void operator()(const FieldTable& table) const {
        letter('F');
        const std::size_t begin = writer.begin_length();
        write_table(writer, table);
        writer.end_length(begin);
    }

 private:
    void letter(char type) const { writer.put(static_cast<std::uint8_t>(type)); }
    template <class Number>
    void number(char type, Number value) const {
        letter(type);
        writer.put(value);
    }
};

void write_table(WireWriter& writer, const FieldTable& table) {
    for (const auto& [key, value] : table) {
        writer.put(ShortString{key});
        std::visit(WriteValue{writer}, value.variant());
    }
}

} // namespace

bool is_well_formed(EncodedTable encoded) {
    return encoded.bytes.empty() || Checker().table(encoded.bytes);
}

Result<FieldTable> FieldTable::decode(EncodedTable encoded) {
    if (!is_well_formed(encoded)) {
        return syntax_error("malformed field table");
    }
    return read_table(encoded.bytes);
}

std::string FieldTable::encode() const {
    std::string out;
    {
        WireWriter writer(out);
        write_table(writer, *this);
    }
    return out;
}

} // namespace amqp
