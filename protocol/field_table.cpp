#include "protocol/field_table.hpp"

#include <algorithm>

namespace amqp {

FieldTable::FieldTable(std::initializer_list<Entry> entries) : entries_(entries) {}

const FieldValue* FieldTable::find(std::string_view key) const {
    const auto entry = std::ranges::find(entries_, key, &Entry::first);
    return entry == entries_.end() ? nullptr : &entry->second;
}

void FieldTable::set(std::string_view key, FieldValue value) {
    const auto entry = std::ranges::find(entries_, key, &Entry::first);
    if (entry == entries_.end()) {
        append(key, std::move(value));
    } else {
        entry->second = std::move(value);
    }
}

void FieldTable::append(std::string_view key, FieldValue value) {
    entries_.emplace_back(key, std::move(value));
}

bool FieldTable::erase(std::string_view key) {
    return std::erase_if(entries_, [key](const Entry& entry) { return entry.first == key; }) != 0;
}

void FieldTable::sort_by_key() {
    std::ranges::stable_sort(entries_, {}, &Entry::first);
}

bool FieldTable::operator==(const FieldTable& other) const {
    return entries_ == other.entries_;
}

} // namespace amqp
