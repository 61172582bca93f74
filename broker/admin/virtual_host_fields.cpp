#include "broker/admin/virtual_host_fields.hpp"

#include "broker/admin/tags.hpp"

namespace broker {

void read_virtual_host(BodyFields& fields, storage::VirtualHostRecord& record) {
    record.description = fields.text("description").value_or(record.description);
    record.default_queue_type = fields.text("default_queue_type").value_or(record.default_queue_type);
    record.tracing = fields.boolean("tracing", record.tracing);
    record.protected_from_deletion = fields.boolean("protected_from_deletion", record.protected_from_deletion);
    if (const auto tags = read_tags(fields)) {
        record.tags = *tags;
    }
}

} // namespace broker
