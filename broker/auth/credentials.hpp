// Name and password as somebody gave them, in SASL or in HTTP. A plain value; never written to a log.
#pragma once

#include <string>

namespace broker {

struct Credentials {
    std::string user, password;
};

} // namespace broker
