// The values of field tables as RabbitMQ sees them: names of types, texts, and its two ways to compare.
#include "protocol/field_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace amqp {

namespace {

template <class T>
constexpr bool is_integer = std::is_integral_v<T> && !std::same_as<T, bool>;

// In the order of FieldValue::Variant.
constexpr std::array<std::string_view, std::variant_size_v<FieldValue::Variant>> type_names{
    "void",  "bool",   "byte",    "unsignedbyte", "short",  "unsignedshort", "signedint", "unsignedint", "long",
    "float", "double", "decimal", "longstr",      "binary", "array",         "timestamp", "table"};

enum class TypeClass { integer, floating, other };

TypeClass type_class(const FieldValue& value) {
    return std::visit(
        []<class T>(const T&) {
            if constexpr (is_integer<T> || std::same_as<T, Decimal>) {
                return TypeClass::integer;
            } else {
                return std::is_floating_point_v<T> ? TypeClass::floating : TypeClass::other;
            }
        },
        value.variant());
}

std::optional<double> as_floating(const FieldValue& value) {
    if (const auto* single = value.get_if<float>()) {
        return *single;
    }
    const auto* number = value.get_if<double>();
    return number ? std::optional(*number) : std::nullopt;
}

// Erlang has one type for long strings and byte arrays.
std::optional<std::string_view> as_binary(const FieldValue& value) {
    if (const auto* text = value.as_string()) {
        return *text;
    }
    const auto* array = value.get_if<ByteArray>();
    return array ? std::optional<std::string_view>(array->bytes) : std::nullopt;
}

// Appends `value` as Erlang prints the term that RabbitMQ's decoder makes of it.
void append_term(std::string& out, const FieldValue& value);

void append_binary(std::string& out, std::string_view bytes) {
    const bool printable = std::ranges::all_of(bytes, [](char c) { return c >= ' ' && c <= '~'; });
    out += "<<";
    if (printable && !bytes.empty()) {
        out += '"';
        for (const char c : bytes) {
            if (c == '"' || c == '\\') {
                out += '\\';
            }
            out += c;
        }
        out += '"';
    } else {
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            out += i == 0 ? "" : ",";
            out += std::to_string(static_cast<unsigned char>(bytes[i]));
        }
    }
    out += ">>";
}

void append_floating(std::string& out, double number) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    const std::string_view digits(text.data(), static_cast<std::size_t>(end - text.data()));
    const std::size_t exponent = digits.find('e');
    out += digits.substr(0, exponent);
    if (digits.find('.') == std::string_view::npos) {
        out += ".0"; // an Erlang float always has a fraction
    }
    if (exponent != std::string_view::npos) {
        out += digits.substr(exponent);
    }
}

struct AppendTerm {
    std::string& out;

    void operator()(Void) const { out += "undefined"; }
    void operator()(bool flag) const { out += flag ? "true" : "false"; }
    template <class Integer>
    requires is_integer<Integer>
    void operator()(Integer number) const { out += std::to_string(number); }
    void operator()(double number) const { append_floating(out, number); }
    void operator()(Decimal decimal) const {
        out += '{' + std::to_string(decimal.scale) + ',' + std::to_string(decimal.value) + '}';
    }
    void operator()(Timestamp timestamp) const { out += std::to_string(timestamp.seconds); }
    void operator()(const std::string& text) const { append_binary(out, text); }
    void operator()(const ByteArray& array) const { append_binary(out, array.bytes); }

    void operator()(const Array& array) const {
        std::string_view separator;
        out += '[';
        for (const FieldValue& value : array) {
            out.append(separator).append("{").append(value.type_name()).append(",");
            append_term(out, value);
            out += '}';
            separator = ",";
        }
        out += ']';
    }
    void operator()(const FieldTable& table) const {
        std::string_view separator;
        out += '[';
        for (const auto& [key, value] : table) {
            out.append(separator).append("{");
            append_binary(out, key);
            out.append(",").append(value.type_name()).append(",");
            append_term(out, value);
            out += '}';
            separator = ",";
        }
        out += ']';
    }
};

void append_term(std::string& out, const FieldValue& value) {
    std::visit(AppendTerm{out}, value.variant());
}

} // namespace

std::optional<std::int64_t> FieldValue::as_integer() const {
    return std::visit(
        []<class T>(const T& value) -> std::optional<std::int64_t> {
            if constexpr (is_integer<T>) {
                return value;
            } else {
                return std::nullopt;
            }
        },
        value_);
}

std::string_view FieldValue::type_name() const {
    return type_names[value_.index()];
}

std::string FieldValue::to_text() const {
    if (const auto bytes = as_binary(*this)) {
        return std::string(*bytes);
    }
    std::string out;
    append_term(out, *this);
    return out;
}

bool FieldValue::operator==(const FieldValue& other) const {
    return value_ == other.value_;
}

bool equivalent(const FieldValue& a, const FieldValue& b) {
    if (type_class(a) != type_class(b)) {
        return false;
    }
    if (const auto x = a.as_integer(), y = b.as_integer(); x && y) {
        return x == y;
    }
    if (const auto x = as_floating(a), y = as_floating(b); x && y) {
        return x == y;
    }
    return a == b;
}

bool same_term(const FieldValue& a, const FieldValue& b) {
    if (const auto x = as_binary(a), y = as_binary(b); x && y) {
        return x == y;
    }
    // A timestamp is an integer to Erlang.
    const auto* a_time = a.get_if<Timestamp>();
    const auto* b_time = b.get_if<Timestamp>();
    if (a_time && b_time) {
        return *a_time == *b_time;
    }
    if (a_time || b_time) {
        const auto number = a_time ? b.as_integer() : a.as_integer();
        return number && std::cmp_equal(*number, (a_time ? a_time : b_time)->seconds);
    }
    return !(a.get_if<Decimal>() || b.get_if<Decimal>()) ? equivalent(a, b) : a == b;
}

} // namespace amqp
