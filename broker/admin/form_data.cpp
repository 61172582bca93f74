#include "broker/admin/form_data.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <string>

namespace broker {
namespace {

constexpr std::string_view line_end = "\r\n", head_end = "\r\n\r\n";

amqp::Error malformed() {
    return amqp::precondition_failed("malformed multipart/form-data");
}

// The value of `parameter` in: form-data; name="file"; filename="x.json"
std::string_view parameter_of(std::string_view disposition, std::string_view parameter) {
    const std::string start = "; " + std::string(parameter) + "=\"";
    const std::size_t found = disposition.find(start);
    if (found == std::string_view::npos) {
        return {};
    }
    disposition.remove_prefix(found + start.size());
    return disposition.substr(0, disposition.find('"'));
}

void read_head(std::string_view head, FormPart& part) {
    constexpr std::string_view disposition = "content-disposition:";
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find(line_end));
        if (boost::beast::iequals(line.substr(0, disposition.size()), disposition)) {
            part.name = parameter_of(line, "name");
            part.file_name = parameter_of(line, "filename");
        }
        head.remove_prefix(std::min(head.size(), line.size() + line_end.size()));
    }
}

} // namespace

bool is_form_data(std::string_view body) {
    return body.starts_with("--");
}

amqp::Result<std::vector<FormPart>> read_form_data(std::string_view body) {
    const std::size_t first_line = body.find(line_end);
    if (!is_form_data(body) || first_line == std::string_view::npos || first_line > 2 + 70) { // [RFC 2046, 5.1.1]
        return malformed();
    }
    const std::string delimiter = std::string(line_end) + std::string(body.substr(0, first_line));
    body.remove_prefix(first_line);
    std::vector<FormPart> parts;
    while (!body.starts_with("--")) { // which follows the last delimiter
        const std::size_t head = body.find(head_end);
        const std::size_t content = head + head_end.size();
        const std::size_t end = head == std::string_view::npos ? head : body.find(delimiter, content - line_end.size());
        if (end == std::string_view::npos || parts.size() == max_form_parts) {
            return malformed();
        }
        FormPart part;
        part.content = body.substr(content, std::max(end, content) - content);
        read_head(body.substr(0, head), part);
        parts.push_back(part);
        body.remove_prefix(end + delimiter.size());
    }
    return parts;
}

} // namespace broker
