// Which resources of the node are short: while there is an alarm, who publishes is blocked [L1]. A plain value; it goes
// from the ResourceMonitor to every connection and to the management API.
#pragma once

#include <string>

namespace broker {

struct Alarms {
    bool memory = false;
    bool disk = false;
    bool paging = false; // no alarm yet: queues keep little in memory, and nobody is blocked

    bool any() const { return memory || disk; }
    // As connection.blocked says it [L2].
    std::string reason() const {
        return "low on " + std::string(memory ? "memory" : "") + (memory && disk ? " & " : "") + (disk ? "disk" : "");
    }

    bool operator==(const Alarms&) const = default;
};

} // namespace broker
