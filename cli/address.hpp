// Where the broker is and who asks: from the command line, a profile that --profile names, the environment, the file
// ctl.conf in ~/.config/leveret, and the usual values, the first that says something. No socket is opened here.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace cli {

// Keys: url, user, password, password-file, vhost, cacert, insecure.
using Settings = std::map<std::string, std::string, std::less<>>;

struct Address {
    bool tls = false;
    std::string host;
    std::string port;
    std::string prefix; // of all paths, without a slash at its end
    std::string user;
    std::string password;
    std::string cacert; // a file; empty: the system's certificates
    bool insecure = false;

    std::string shown() const;
};

// Lines `key = value`, `#` begins a comment line. Throws Failure for a line of another form.
Settings parse_profile(const std::string& text, const std::string& file);
// The file of a profile: NAME.conf in ~/.config/leveret, or the file itself when there is a slash in the name. A file
// that holds a password and may be read by others is told on stderr. No such file: an error, unless the name is empty.
Settings read_profile(const std::string& name);
// LEVERET_URL, LEVERET_USER, LEVERET_PASSWORD, ...
Settings environment_settings(const std::function<const char*(const char*)>& variable);

// `ask` is called for a password that nobody gave. Throws Failure when there is none or the URL is none.
Address address_of(const Settings& settings, const std::function<std::string(const std::string& user)>& ask);

} // namespace cli
