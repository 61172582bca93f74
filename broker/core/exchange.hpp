// An exchange: identity, flags, the bindings that start from it, a router that indexes them, and what its type does to
// messages beside routing them. Owned by its VirtualHost, on the strand.
#pragma once

#include "broker/core/deduplication_cache.hpp"
#include "broker/core/delayed_messages.hpp"
#include "broker/core/policy.hpp"
#include "broker/core/recent_history.hpp"
#include "broker/core/timers.hpp"
#include "broker/routing/binding.hpp"
#include "broker/routing/router.hpp"
#include "protocol/field_table.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace broker {

class Exchange;

// A binding in place: from which exchange, and whether it survives a restart.
struct BoundBinding {
    Exchange* source = nullptr;
    Binding binding;
    bool durable = false;
};

// The x-delayed-message part of an exchange: what waits, and who is woken for it.
struct DelayedPart final : Sleeper {
    DelayedPart(storage::QueueId queue, storage::Sequence first, MemoryBudget& memory, std::function<void()> due)
        : messages(queue, first, memory),
          on_due(std::move(due)) {}
    void on_time(std::int64_t) override { on_due(); }

    DelayedMessages messages;
    const std::function<void()> on_due;
};

class Exchange final : public Destination {
 public:
    struct Definition {
        std::string name;
        std::string virtual_host;
        std::string type;
        bool durable = false;
        bool auto_delete = false;
        bool internal = false;
        amqp::FieldTable arguments;
    };

    Exchange(Definition definition, AnyRouter router);

    const Definition& definition() const { return definition_; }
    const std::string& name() const { return definition_.name; }
    bool is_default() const { return definition_.name.empty(); }
    const AnyRouter& router() const { return router_; }
    const std::string* alternate() const { return alternate_ ? &*alternate_ : nullptr; } // name; null if none
    const AppliedPolicies& policies() const { return policies_; }
    void apply(AppliedPolicies policies); // others apply from now on

    // What the type does with a message before it is routed; null: nothing of the kind. Made by VirtualHost.
    struct Parts {
        std::unique_ptr<DelayedPart> delayed;
        std::unique_ptr<DeduplicationCache> seen;
        std::unique_ptr<RecentHistory> history;
        storage::QueueId kept_queue = 0;          // where the store has what the parts keep; 0: nowhere
        storage::Sequence next_kept_sequence = 0; // there; of the deduplication cache
    };
    Parts parts;
    bool looks_at_messages() const { return parts.delayed || parts.seen || parts.history; }

    // Null if there is such a binding already.
    BoundBinding* bind(Binding binding, bool durable);
    // The binding, taken out; null if there was none.
    std::unique_ptr<BoundBinding> unbind(const Binding& binding);
    // Removes one that is known to be there.
    std::unique_ptr<BoundBinding> unbind(BoundBinding& bound);

    struct BindingHash {
        using is_transparent = void;
        std::size_t operator()(const Binding& binding) const;
        std::size_t operator()(const std::unique_ptr<BoundBinding>& bound) const { return (*this)(bound->binding); }
    };
    struct BindingEqual {
        using is_transparent = void;
        bool operator()(const std::unique_ptr<BoundBinding>& a, const std::unique_ptr<BoundBinding>& b) const {
            return a->binding.same_as(b->binding);
        }
        bool operator()(const Binding& a, const std::unique_ptr<BoundBinding>& b) const {
            return a.same_as(b->binding);
        }
        bool operator()(const std::unique_ptr<BoundBinding>& a, const Binding& b) const {
            return a->binding.same_as(b);
        }
    };
    using Bindings = std::unordered_set<std::unique_ptr<BoundBinding>, BindingHash, BindingEqual>;

    const Bindings& bindings() const { return bindings_; } // from here
    std::unordered_set<BoundBinding*> incoming;            // from other exchanges; kept by VirtualHost

    std::uint64_t published_in = 0;  // messages that came here
    std::uint64_t published_out = 0; // copies that went to queues
    std::uint64_t returned_unroutable = 0, dropped_unroutable = 0; // of those published here

 private:
    const Definition definition_;
    AnyRouter router_;
    AppliedPolicies policies_;
    std::optional<std::string> alternate_;
    Bindings bindings_;
};

} // namespace broker
