// From the settings of TLS to what its contexts are told. Pure functions of the composition root.
#pragma once

#include "broker/tls/tls_options.hpp"
#include "config/settings.hpp"

namespace broker {

TlsOptions amqp_tls_options(const config::Settings& settings);
TlsOptions management_tls_options(const config::Settings& settings);
TlsOptions prometheus_tls_options(const config::Settings& settings);

} // namespace broker
