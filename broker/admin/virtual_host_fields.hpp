// What a body says about a virtual host, of a request and of a definitions file. What is not said stays as it is.
#pragma once

#include "broker/admin/body.hpp"
#include "storage/records.hpp"

namespace broker {

void read_virtual_host(BodyFields& fields, storage::VirtualHostRecord& record);

} // namespace broker
