#include "broker/admin/tags.hpp"

#include "broker/admin/text.hpp"

#include <algorithm>

namespace broker {
namespace {

void add(std::vector<std::string>& tags, std::string_view tag) {
    constexpr std::string_view blank = " \t";
    tag.remove_prefix(std::min(tag.find_first_not_of(blank), tag.size()));
    tag = tag.substr(0, tag.find_last_not_of(blank) + 1);
    if (!tag.empty()) {
        tags.emplace_back(tag);
    }
}

} // namespace

boost::json::array tags_json(const std::vector<std::string>& tags) {
    boost::json::array array;
    for (const std::string& tag : tags) {
        array.push_back(boost::json::value(json_text(tag)));
    }
    return array;
}

std::optional<std::vector<std::string>> read_tags(BodyFields& fields) {
    const boost::json::value* value = fields.find("tags");
    if (value == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> tags;
    if (value->is_string()) {
        std::string_view text = value->get_string();
        while (!text.empty()) {
            const std::size_t end = std::min(text.find(','), text.size());
            add(tags, text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        return tags;
    }
    if (!value->is_array()) {
        fields.fail("the value of 'tags' is neither a list nor a string");
        return std::nullopt;
    }
    for (const boost::json::value& tag : value->get_array()) {
        if (!tag.is_string()) {
            fields.fail("a tag is not a string");
            return std::nullopt;
        }
        add(tags, tag.get_string());
    }
    return tags;
}

} // namespace broker
