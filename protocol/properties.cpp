// The property list on the wire [spec 4.2.6.1]:  flags(2) *property
// Bit 15 of the flags says that the first property is there, bit 14 the second, and so on. Fourteen properties leave
// two bits: bit 1 means nothing and bit 0 would announce a second word of flags; both are malformed.
#include "protocol/properties.hpp"

#include "protocol/wire_reader.hpp"
#include "protocol/wire_writer.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

namespace amqp {

// In the order of the wire.
BOOST_DESCRIBE_STRUCT(PropertiesView, (),
                      (content_type, content_encoding, headers, delivery_mode, priority, correlation_id, reply_to,
                       expiration, message_id, timestamp, type, user_id, app_id, cluster_id))
BOOST_DESCRIBE_STRUCT(BasicProperties, (),
                      (content_type, content_encoding, headers, delivery_mode, priority, correlation_id, reply_to,
                       expiration, message_id, timestamp, type, user_id, app_id, cluster_id))

namespace {

template <class Properties>
using Members = boost::describe::describe_members<Properties, boost::describe::mod_public>;

constexpr std::size_t property_count = 14;
static_assert(boost::mp11::mp_size<Members<PropertiesView>>::value == property_count);
static_assert(boost::mp11::mp_size<Members<BasicProperties>>::value == property_count);

constexpr std::uint16_t unused_flags = 0b11;

constexpr std::uint16_t flag(std::size_t index) {
    return static_cast<std::uint16_t>(1 << (15 - index));
}

// Calls visit(index constant) for every property in the order of the wire.
template <class Visitor>
void for_each_property(Visitor&& visit) {
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<property_count>>(visit);
}

template <std::size_t index, class Properties>
auto& property(Properties& properties) {
    return properties.*boost::mp11::mp_at_c<Members<std::remove_const_t<Properties>>, index>::pointer;
}

void read(WireReader& reader, std::optional<std::string_view>& text) {
    text = reader.get<ShortString>().value;
}
void read(WireReader& reader, std::optional<EncodedTable>& table) {
    table = reader.get<EncodedTable>();
    if (!is_well_formed(*table)) {
        reader.fail();
    }
}
template <class Number>
void read(WireReader& reader, std::optional<Number>& number) {
    number = reader.get<Number>();
}

void write(WireWriter& writer, const std::string& text) {
    writer.put(ShortString{text});
}
void write(WireWriter& writer, const FieldTable& table) {
    writer.put(EncodedTable{table.encode()});
}
template <class Number>
requires std::is_arithmetic_v<Number>
void write(WireWriter& writer, Number number) {
    writer.put(number);
}

} // namespace

Result<PropertiesView> PropertiesView::decode(Bytes encoded) {
    Result<PropertiesView> result(PropertiesView{});
    PropertiesView& properties = *result;
    WireReader reader(encoded);
    const auto flags = reader.get<std::uint16_t>();
    for_each_property([&](auto index) {
        if (flags & flag(index)) {
            read(reader, property<index>(properties));
        }
    });
    if (!reader.finished() || (flags & unused_flags) != 0) {
        result = syntax_error("malformed properties");
    }
    return result;
}

Result<BasicProperties> BasicProperties::decode(Bytes encoded) {
    const Result<PropertiesView> view = PropertiesView::decode(encoded);
    if (!view) {
        return view.error();
    }
    BasicProperties properties;
    for_each_property([&](auto index) {
        const auto& from = property<index>(*view);
        auto& to = property<index>(properties);
        if constexpr (std::same_as<decltype(to), std::optional<FieldTable>&>) {
            if (from) {
                to = *FieldTable::decode(*from);
            }
        } else if (from) {
            to.emplace(*from);
        }
    });
    return properties;
}

std::string BasicProperties::encode() const {
    std::uint16_t flags = 0;
    for_each_property([&](auto index) {
        if (property<index>(*this)) {
            flags |= flag(index);
        }
    });
    std::string out;
    {
        WireWriter writer(out);
        writer.put(flags);
        for_each_property([&](auto index) {
            if (const auto& value = property<index>(*this)) {
                write(writer, *value);
            }
        });
    }
    return out;
}

} // namespace amqp
