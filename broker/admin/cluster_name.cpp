#include "broker/admin/cluster_name.hpp"

#include "broker/admin/policy_json.hpp"

namespace broker {

std::string cluster_name(Api& api) {
    const auto parameters = api.node.global_parameters();
    if (const auto found = parameters.find("cluster_name"); found != parameters.end()) {
        if (const boost::json::value value = stored_json(found->second); value.is_string()) {
            return std::string(value.get_string());
        }
    }
    return api.node.info().cluster_name;
}

} // namespace broker
