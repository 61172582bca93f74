// The arguments of one binding of a headers exchange, compiled: which headers must have which values, and whether all
// of them or any one. And a message's headers, prepared for being asked many times. A part of HeadersRouter.
#pragma once

#include "protocol/error.hpp"
#include "protocol/field_table.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace broker {

// One bit of 64 for each name: two sets of names without a common bit have no common name.
using NameMask = std::uint64_t;
NameMask name_mask(std::string_view name);

// Where an index looks a term up: by the header's name and value, or by its name alone. Equal terms have equal keys;
// other terms may have them, too.
using TermKey = std::uint64_t;
TermKey term_key(std::string_view name, const amqp::FieldValue& value);
TermKey term_key(std::string_view name);

// Keeps pointers into the table that it was last given; reused from message to message.
class HeadersView {
 public:
    void assign(const amqp::FieldTable* headers); // null: no headers

    const amqp::FieldValue* find(std::string_view name) const; // the first one if repeated
    NameMask names() const { return names_; }
    std::size_t size() const { return sorted_.size(); }
    // Every name once, with the value that counts.
    template <class Visit>
    void for_each(Visit visit) const {
        for (std::size_t i = 0; i < sorted_.size(); ++i) {
            if (i == 0 || sorted_[i]->first != sorted_[i - 1]->first) {
                visit(sorted_[i]->first, sorted_[i]->second);
            }
        }
    }

 private:
    std::vector<const amqp::FieldTable::Entry*> sorted_;
    NameMask names_ = 0;
};

class HeadersRule {
 public:
    // `x-match` must be one of RabbitMQ's four words, if it is there.
    static amqp::Result<> validate(const amqp::FieldTable& arguments);

    explicit HeadersRule(const amqp::FieldTable& arguments); // validated

    bool matches(const HeadersView& headers) const;

    enum class Match : std::uint8_t { all, any };
    Match match() const { return match_; }
    std::vector<TermKey> term_keys() const;
    // Equal for the same rule: the order of the arguments does not matter, nor does what is ignored in them.
    const std::string& identity() const { return identity_; }

 private:
    struct Term {
        std::string name;
        amqp::FieldValue value; // void: the header must be there, whatever its value
    };

    static bool holds(const Term& term, const HeadersView& headers);

    NameMask names_ = 0;
    Match match_ = Match::all;
    std::vector<Term> terms_;
    std::string identity_; // mode and terms as octets: by its value, a NaN would not even equal itself
};

} // namespace broker
