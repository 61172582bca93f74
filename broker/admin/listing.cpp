#include "broker/admin/listing.hpp"

#include "broker/admin/sort_key.hpp"
#include "broker/admin/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace broker {
namespace {

namespace json = boost::json;

using Path = std::vector<std::string>;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0) {
            parts.emplace_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

void put(json::object& object, const Path& path, const json::value& value) {
    json::object* target = &object;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
        json::value& next = (*target)[path[i]];
        if (!next.is_object()) {
            next = json::object();
        }
        target = &next.get_object();
    }
    (*target)[path.back()] = value;
}

void sort(json::array& items, const Listing& listing) {
    if (listing.sort.empty()) {
        return; // in the order in which they came
    }
    std::ranges::stable_sort(items, [&](const json::value& a, const json::value& b) {
        return listing.in_order(SortKey::of(find_value(a, listing.sort)), SortKey::of(find_value(b, listing.sort)));
    });
}

amqp::Result<std::size_t> number(std::string_view name, std::string_view text, std::size_t max) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > max) {
        return amqp::precondition_failed("invalid_pagination_parameters: " + std::string(name) +
                                         " must be between 1 and " + std::to_string(max));
    }
    return value;
}

amqp::Result<std::optional<Page>> page_of(const Query& query) {
    const auto page_text = query.find("page");
    if (!page_text) {
        return std::optional<Page>();
    }
    Page page;
    const auto page_number = number("page", *page_text, 1'000'000'000);
    if (!page_number) {
        return page_number.error();
    }
    page.number = *page_number;
    if (const auto size_text = query.find("page_size")) {
        const auto size = number("page_size", *size_text, Page::max_size);
        if (!size) {
            return size.error();
        }
        page.size = *size;
    }
    page.name = query.find("name").value_or("");
    if (query.is_true("use_regex") && !page.name.empty()) {
        auto pattern = Pattern::compile(page.name);
        if (!pattern) {
            return pattern.error();
        }
        page.pattern = std::make_shared<const Pattern>(std::move(*pattern));
    }
    return std::optional<Page>(std::move(page));
}

json::object page_object(const Page& page, std::size_t items, std::size_t filtered, std::size_t total,
                         const Listing& listing) {
    json::object object{
        {"total_count", total},       {"item_count", items},
        {"filtered_count", filtered}, {"page", page.number},
        {"page_size", page.size},     {"page_count", std::max<std::size_t>(1, (filtered + page.size - 1) / page.size)}};
    if (!listing.sort.empty()) {
        object["sort"] = json_text(listing.sort_path());
    }
    return object;
}

json::array with_columns(const json::array& items, const Listing& listing) {
    json::array shown;
    shown.reserve(items.size());
    for (const json::value& item : items) {
        shown.push_back(with_columns(item, listing));
    }
    return shown;
}

} // namespace

bool Page::accepts(std::string_view candidate) const {
    return pattern != nullptr ? pattern->matches(candidate) : candidate.find(name) != std::string_view::npos;
}

amqp::Result<Listing> Listing::of(const Query& query) {
    Listing listing;
    auto page = page_of(query);
    if (!page) {
        return page.error();
    }
    listing.page = std::move(*page);
    auto ranges = SampleRanges::of(query);
    if (!ranges) {
        return ranges.error();
    }
    listing.ranges = *ranges;
    listing.sort = split(query.find("sort").value_or(""), '.');
    listing.sort_reverse = query.is_true("sort_reverse");
    for (const std::string& column : split(query.find("columns").value_or(""), ',')) {
        if (Path path = split(column, '.'); !path.empty()) {
            listing.columns.push_back(std::move(path));
        }
    }
    return listing;
}

bool Listing::in_order(const SortKey& a, const SortKey& b) const {
    const int order = compare(a, b);
    return sort_reverse ? order > 0 : order < 0;
}

std::string Listing::sort_path() const {
    std::string path;
    for (const std::string& key : sort) {
        path.append(path.empty() ? "" : ".").append(key);
    }
    return path;
}

std::string Listing::rated_path() const {
    constexpr std::string_view rate = "_details.rate";
    const std::string path = sort_path();
    return path.ends_with(rate) ? path.substr(0, path.size() - rate.size()) : std::string();
}

const json::value* find_value(const json::value& item, const std::vector<std::string>& path) {
    const json::value* found = &item;
    for (const std::string& key : path) {
        const json::object* object = found->if_object();
        found = object == nullptr ? nullptr : object->if_contains(key);
        if (found == nullptr) {
            return nullptr;
        }
    }
    return found;
}

json::value with_columns(const json::value& item, const Listing& listing) {
    if (listing.columns.empty()) {
        return item;
    }
    json::object shown;
    for (const Path& column : listing.columns) {
        if (const json::value* value = find_value(item, column)) {
            put(shown, column, *value);
        }
    }
    return shown;
}

HttpResponse list_response(json::array items, const Listing& listing) {
    sort(items, listing);
    return HttpResponse::json(with_columns(items, listing));
}

HttpResponse page_response(json::array items, const Listing& listing) {
    if (!listing.page) {
        return list_response(std::move(items), listing);
    }
    const std::size_t total = items.size();
    json::array filtered;
    for (json::value& item : items) {
        const json::value* name = find_value(item, {"name"});
        if (name != nullptr && name->is_string() && listing.page->accepts(name->get_string())) {
            filtered.push_back(std::move(item));
        }
    }
    const auto slice = slice_of(*listing.page, filtered.size());
    if (!slice) {
        return page_out_of_range(*listing.page, filtered.size());
    }
    sort(filtered, listing);
    json::array shown;
    for (std::size_t i = slice->first; i < slice->first + slice->count; ++i) {
        shown.push_back(std::move(filtered[i]));
    }
    return page_response(std::move(shown), filtered.size(), total, listing);
}

HttpResponse page_response(json::array shown, std::size_t filtered, std::size_t total, const Listing& listing) {
    json::object object = page_object(*listing.page, shown.size(), filtered, total, listing);
    object["items"] = with_columns(shown, listing);
    return HttpResponse::json(object);
}

void ItemsText::add(const json::value& item) {
    if (items_++ > 0) {
        text_ += ',';
    }
    if (listing_.columns.empty()) {
        append(item);
    } else {
        append(with_columns(item, listing_));
    }
}

void ItemsText::append(const json::value& value) {
    std::array<char, 4096> piece;
    serializer_.reset(&value);
    while (!serializer_.done()) {
        text_ += std::string_view(serializer_.read(piece.data(), piece.size()));
    }
}

HttpResponse ItemsText::response() && {
    return HttpResponse{200, std::move(text_) + ']'};
}

HttpResponse ItemsText::response(std::size_t filtered, std::size_t total) && {
    HttpResponse response = std::move(*this).response();
    if (listing_.page) {
        std::string page = json::serialize(page_object(*listing_.page, items_, filtered, total, listing_));
        page.back() = ',';
        response.body = page.append("\"items\":").append(response.body).append("}");
    }
    return response;
}

std::optional<Slice> slice_of(const Page& page, std::size_t filtered) {
    const std::size_t first = (page.number - 1) * page.size;
    if (page.number > 1 && first >= filtered) {
        return std::nullopt;
    }
    return Slice{first, std::min(page.size, filtered - first)};
}

HttpResponse page_out_of_range(const Page& page, std::size_t filtered) {
    return HttpResponse::failed(400, "page_out_of_range",
                                "Page out of range, page: " + std::to_string(page.number) +
                                    " page size: " + std::to_string(page.size) + ", len: " + std::to_string(filtered));
}

} // namespace broker
