#include "cli/text.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>

namespace cli {
namespace {

std::string number_text(double number) {
    char digits[32];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    std::string text(digits, end);
    return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
}

std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char each : printable(text)) {
        if (each == '"' || each == '\\') {
            result += '\\';
        }
        result += each;
    }
    return result + "\"";
}

template <class Elements, class Text>
std::string bracketed(const Elements& elements, std::string_view separator, Text text) {
    std::string result = "[";
    for (const auto& element : elements) {
        if (result.size() > 1) {
            result += separator;
        }
        result += text(element);
    }
    return result + "]";
}

std::string names_text(const boost::json::value& value) {
    const auto text = [](const boost::json::value& name) {
        return name.is_string() ? printable(name.get_string()) : term_text(name);
    };
    return value.is_array() ? bracketed(value.get_array(), ", ", text) : "[" + text(value) + "]";
}

// "AMQP 0-9-1" is {0,9,1} for rabbitmqctl.
std::string protocol_text(std::string_view name) {
    const std::size_t digits = name.find_first_of("0123456789");
    if (!name.starts_with("AMQP ") || digits == std::string_view::npos) {
        return printable(name);
    }
    std::string version(name.substr(digits));
    std::ranges::replace(version, '-', ',');
    return "{" + version + "}";
}

} // namespace

std::string printable(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octet = static_cast<unsigned char>(text[i]);
        const bool is_c1 = octet == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (is_c1) {
            ++i;
        } else if ((octet >= 0x20 && octet != 0x7F) || octet == '\t') {
            result += text[i];
        }
    }
    return result;
}

std::string term_text(const boost::json::value& value) {
    switch (value.kind()) {
    case boost::json::kind::null:
        return "undefined";
    case boost::json::kind::string:
        return quoted(value.get_string());
    case boost::json::kind::double_:
        return number_text(value.get_double());
    case boost::json::kind::array:
        return bracketed(value.get_array(), ",", term_text);
    case boost::json::kind::object:
        return bracketed(value.get_object(), ",", [](const boost::json::key_value_pair& pair) {
            return "{" + quoted(pair.key()) + "," + term_text(pair.value()) + "}";
        });
    default:
        return boost::json::serialize(value);
    }
}

const boost::json::value& field_of(const boost::json::value& object, std::string_view path) {
    static const boost::json::value nothing;
    const boost::json::value* value = &object;
    while (value->is_object()) {
        const std::size_t dot = std::min(path.find('.'), path.size());
        const auto found = value->get_object().find({path.data(), dot});
        if (found == value->get_object().end()) {
            return nothing;
        }
        value = &found->value();
        if (dot == path.size()) {
            return *value;
        }
        path.remove_prefix(dot + 1);
    }
    return nothing;
}

std::string cell_text(const boost::json::value& object, const Column& column) {
    if (column.form == Form::constant) {
        return std::string(column.field);
    }
    const boost::json::value& value = field_of(object, column.source());
    if (value.is_null()) {
        return {};
    }
    switch (column.form) {
    case Form::names:
        return names_text(value);
    case Form::json:
        return printable(boost::json::serialize(value));
    case Form::protocol:
        return value.is_string() ? protocol_text(value.get_string()) : term_text(value);
    default:
        return value.is_string() ? printable(value.get_string()) : term_text(value);
    }
}

boost::json::value cell_json(const boost::json::value& object, const Column& column) {
    if (column.form == Form::constant) {
        return boost::json::value(column.field.data());
    }
    const boost::json::value& value = field_of(object, column.source());
    if (value.is_null()) {
        return "";
    }
    return column.form == Form::json ? boost::json::value(boost::json::serialize(value)) : value;
}

} // namespace cli
