// The name of the cluster: a global parameter if somebody has set it, else what the configuration says.
#pragma once

#include "broker/admin/api.hpp"

#include <string>

namespace broker {

std::string cluster_name(Api& api);

} // namespace broker
