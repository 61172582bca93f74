// Where the broker is and how to get in. A plain value.
#pragma once

#include <string>

namespace bench {

struct Uri {
    std::string host = "localhost";
    std::string port = "5672";
    std::string user = "guest";
    std::string password = "guest";
    std::string virtual_host = "/";
    bool tls = false; // amqps://

    static Uri parse(const std::string& text); // throws std::runtime_error
};

// How connections are encrypted and logged in, the same for all.
struct Security {
    bool verify = false;     // the broker's certificate, against `authorities` or what the system trusts
    bool external = false;   // SASL EXTERNAL instead of PLAIN
    std::string authorities; // PEM files
    std::string certificate;
    std::string key;
};

} // namespace bench
