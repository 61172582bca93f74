#include "broker/session/server_properties.hpp"

namespace broker {

amqp::FieldTable server_properties(const ProductInfo& product) {
    amqp::FieldTable capabilities;
    for (const char* const capability : {"publisher_confirms", "exchange_exchange_bindings", "basic.nack",
                                         "consumer_cancel_notify", "connection.blocked", "consumer_priorities",
                                         "authentication_failure_close", "per_consumer_qos", "direct_reply_to"}) {
        capabilities.set(capability, true);
    }
    return {
        {"capabilities", capabilities},       {"cluster_name", product.cluster_name}, {"copyright", product.copyright},
        {"information", product.information}, {"platform", product.platform},         {"product", product.product},
        {"version", product.version},
    };
}

} // namespace broker
