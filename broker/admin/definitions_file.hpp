// Definitions read at start (load_definitions): a file, or a directory whose files are taken in the order of their
// names. Called by the composition root before anybody listens; waits until everything is durable.
#pragma once

#include "broker/admin/node.hpp"

#include <string>

namespace broker {

// Throws std::runtime_error with one line that names the file and the reason; nothing of that file is applied then.
void load_definitions(Node& node, const std::string& path);

} // namespace broker
