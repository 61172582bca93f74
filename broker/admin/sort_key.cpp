#include "broker/admin/sort_key.hpp"

namespace broker {

SortKey SortKey::of(const boost::json::value* value) {
    if (value == nullptr || value->is_null()) {
        return {};
    }
    if (value->is_number()) {
        return {Rank::number, value->to_number<double>()};
    }
    if (value->is_bool()) {
        return of(value->get_bool());
    }
    return value->is_string() ? of(std::string_view(value->get_string())) : SortKey{Rank::other};
}

} // namespace broker
