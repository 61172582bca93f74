// Class tx [spec tx].
// One struct per method: its fields are the arguments in wire order.
#pragma once

#include "protocol/methods/method.hpp"

namespace amqp::tx {

struct Select {
    static constexpr MethodId id{90, 10};
    static constexpr std::string_view name = "tx.select";
};
BOOST_DESCRIBE_STRUCT(Select, (), ())

struct SelectOk {
    static constexpr MethodId id{90, 11};
    static constexpr std::string_view name = "tx.select-ok";
};
BOOST_DESCRIBE_STRUCT(SelectOk, (), ())

struct Commit {
    static constexpr MethodId id{90, 20};
    static constexpr std::string_view name = "tx.commit";
};
BOOST_DESCRIBE_STRUCT(Commit, (), ())

struct CommitOk {
    static constexpr MethodId id{90, 21};
    static constexpr std::string_view name = "tx.commit-ok";
};
BOOST_DESCRIBE_STRUCT(CommitOk, (), ())

struct Rollback {
    static constexpr MethodId id{90, 30};
    static constexpr std::string_view name = "tx.rollback";
};
BOOST_DESCRIBE_STRUCT(Rollback, (), ())

struct RollbackOk {
    static constexpr MethodId id{90, 31};
    static constexpr std::string_view name = "tx.rollback-ok";
};
BOOST_DESCRIBE_STRUCT(RollbackOk, (), ())

using Methods = MethodList<Select, SelectOk, Commit, CommitOk, Rollback, RollbackOk>;

} // namespace amqp::tx
