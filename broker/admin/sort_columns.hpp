// Columns by which lists of queues and exchanges are put in order without making the JSON of each of them: what the
// views show there, read on the strand. Constant tables.
#pragma once

#include "broker/admin/sort_key.hpp"
#include "broker/core/exchange.hpp"
#include "broker/core/queue.hpp"

#include <span>
#include <string_view>

namespace broker {

template <class Thing>
struct SortColumn {
    std::string_view path; // dotted
    SortKey (*of)(const Thing&);
};

std::span<const SortColumn<Queue>> queue_columns();
std::span<const SortColumn<Exchange>> exchange_columns();

} // namespace broker
