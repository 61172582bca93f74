#include "cli/address.hpp"

#include "cli/exit_code.hpp"
#include "cli/secrets.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string_view>

namespace cli {
namespace {

constexpr std::array<std::string_view, 7> keys{"url",   "user",   "password", "password-file",
                                               "vhost", "cacert", "insecure"};

std::string trimmed(std::string_view text) {
    const std::size_t from = std::min(text.find_first_not_of(" \t\r"), text.size());
    return std::string(text.substr(from, text.find_last_not_of(" \t\r") + 1 - from));
}

Failure wrong_file(const std::string& file, const std::string& problem) {
    return {ExitCode::configuration, "Error: " + file + ": " + problem};
}

std::string folder() {
    const char* const base = std::getenv("XDG_CONFIG_HOME");
    const char* const home = std::getenv("HOME");
    const std::string config = base && *base ? base : std::string(home ? home : "") + "/.config";
    return config + "/leveret/";
}

const std::string& value_of(const Settings& settings, std::string_view key) {
    static const std::string nothing;
    const auto found = settings.find(key);
    return found == settings.end() ? nothing : found->second;
}

void warn_if_readable(const std::string& file, const Settings& settings) {
    struct stat status {};
    if (settings.contains("password") && stat(file.c_str(), &status) == 0 &&
        (status.st_mode & (S_IRGRP | S_IROTH)) != 0) {
        std::fprintf(stderr, "Warning: %s holds a password and others may read it; chmod 600 helps\n", file.c_str());
    }
}

} // namespace

std::string Address::shown() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return (tls ? "https://" : "http://") + (is_ipv6 ? "[" + host + "]" : host) + ":" + port + prefix;
}

Settings parse_profile(const std::string& text, const std::string& file) {
    Settings settings;
    std::istringstream lines(text);
    for (auto [line, number] = std::pair(std::string(), 1); std::getline(lines, line); ++number) {
        const std::string content = trimmed(line);
        if (content.empty() || content.starts_with('#')) {
            continue;
        }
        const std::size_t equals = content.find('=');
        const std::string key = trimmed(content.substr(0, equals));
        if (equals == std::string::npos || std::ranges::find(keys, key) == keys.end()) {
            throw wrong_file(file, "line " + std::to_string(number) + ": expected one of url, user, password, " +
                                       "password-file, vhost, cacert, insecure, then = and a value");
        }
        settings[key] = trimmed(content.substr(equals + 1));
    }
    return settings;
}

Settings read_profile(const std::string& name) {
    const bool is_path = name.find('/') != std::string::npos;
    const std::string file = is_path ? name : folder() + (name.empty() ? "ctl" : name) + ".conf";
    std::ifstream stream(file);
    if (!stream) {
        if (name.empty()) {
            return {};
        }
        throw wrong_file(file, "cannot be read");
    }
    std::ostringstream text;
    text << stream.rdbuf();
    Settings settings = parse_profile(text.str(), file);
    warn_if_readable(file, settings);
    return settings;
}

Settings environment_settings(const std::function<const char*(const char*)>& variable) {
    Settings settings;
    for (const std::string_view key : keys) {
        std::string name = "LEVERET_" + std::string(key);
        std::ranges::transform(name, name.begin(), [](char each) {
            return each == '-' ? '_' : each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A') : each;
        });
        if (const char* const value = variable(name.c_str()); value && *value) {
            settings[std::string(key)] = value;
        }
    }
    return settings;
}

Address address_of(const Settings& settings, const std::function<std::string(const std::string& user)>& ask) {
    const std::string text = settings.contains("url") ? value_of(settings, "url") : "http://localhost:15672";
    const auto url = boost::urls::parse_uri(text);
    if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty() || url->has_query()) {
        throw Failure(ExitCode::usage,
                      "Error (argument validation): '" + text + "' is no URL like http://localhost:15672");
    }
    Address address;
    address.tls = url->scheme() == "https";
    address.host = url->host_address();
    address.port = url->has_port() ? std::string(url->port()) : address.tls ? "443" : "80";
    address.prefix = std::string(url->encoded_path());
    address.prefix.erase(address.prefix.find_last_not_of('/') + 1);
    address.cacert = value_of(settings, "cacert");
    address.insecure = value_of(settings, "insecure") == "true";

    const bool named = settings.contains("user");
    address.user = named ? value_of(settings, "user") : url->has_userinfo() ? url->user() : "guest";
    if (settings.contains("password")) {
        address.password = value_of(settings, "password");
    } else if (settings.contains("password-file")) {
        address.password = first_line_of(value_of(settings, "password-file"));
    } else if (!named && url->has_password()) {
        address.password = url->password();
    } else {
        address.password = address.user == "guest" ? "guest" : ask(address.user);
    }
    return address;
}

} // namespace cli
