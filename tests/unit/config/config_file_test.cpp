#include "tests/unit/config/support.hpp"

#include <catch2/catch.hpp>

using namespace config;

TEST_CASE("config file: comments, blanks, quotes and line ends are read as in rabbitmq.conf", "[config]") {
    struct Row {
        std::string name, text, value;
    };
    const Row rows[] = {
        {"blanks around", "  default_user   =\t bob  \n", "bob"},
        {"no blanks", "default_user=bob", "bob"},
        {"carriage return", "default_user = bob\r\n", "bob"},
        {"comment after the value", "default_user = bob # the builder\n", "bob"},
        {"comment without a blank", "default_user = bob#1\n", "bob"},
        {"single quotes keep a number sign", "default_user = 'bob#1' # one\n", "bob#1"},
        {"double quotes", "default_user = \"bob smith\"\n", "bob smith"},
        {"equals sign in the value", "default_user = a=b\n", "a=b"},
        {"the last one counts", "default_user = ann\ndefault_user = bob\n", "bob"},
        {"comment lines", "# default_user = ann\n\n   # x\ndefault_user = bob\n", "bob"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(settings_of(row.text).default_user.name == row.value);
    }
}

TEST_CASE("config file: an error names file, line, key and what would be valid", "[config]") {
    struct Row {
        std::string text, error;
    };
    const Row rows[] = {
        {"heartbeet = 5", "rabbitmq.conf:1: unknown key 'heartbeet' (did you mean 'heartbeat'?)"},
        {"\n\nheartbeat = abc\n", "rabbitmq.conf:3: heartbeat = abc: expected seconds, an integer from 0 to 65535"},
        {"heartbeat = 65536", "rabbitmq.conf:1: heartbeat = 65536: expected seconds, an integer from 0 to 65535"},
        {"heartbeat =", "rabbitmq.conf:1: heartbeat = : expected seconds, an integer from 0 to 65535"},
        {"listeners.tpc.mine = 5672",
         "rabbitmq.conf:1: unknown key 'listeners.tpc.mine' (did you mean 'listeners.tcp.mine'?)"},
        {"loopback_user.bob = true",
         "rabbitmq.conf:1: unknown key 'loopback_user.bob' (did you mean 'loopback_users.bob'?)"},
        {"zzz = 1", "rabbitmq.conf:1: unknown key 'zzz' (--print-default-config lists all keys)"},
        {"heartbeat", "rabbitmq.conf:1: expected a line of the form 'key = value'"},
        {"= 5", "rabbitmq.conf:1: expected a line of the form 'key = value'"},
        {"default_user = 'bob", "rabbitmq.conf:1: the quote is not closed"},
        {"default_user = 'bob' smith", "rabbitmq.conf:1: there is something after the closing quote"},
        {"log.console.level = loud", "rabbitmq.conf:1: log.console.level = loud: expected one of debug, info, notice, "
                                     "warning, error, critical, none"},
        {"max_message_size = 513MiB",
         "rabbitmq.conf:1: max_message_size = 513MiB: expected a size from 0 to 512MiB, in "
         "bytes or with a unit as in 64kB or 16MiB"},
        {"proxy_protocol = maybe", "rabbitmq.conf:1: proxy_protocol = maybe: expected true or false"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(error_of(row.text) == row.error);
    }
}

TEST_CASE("config file: a password never stands in an error", "[config]") {
    CHECK(error_of("default_pass = encrypted:s3cret") ==
          "rabbitmq.conf:1: default_pass = ***: encrypted values are not supported");
    CHECK(error_of("defualt_pass = s3cret") ==
          "rabbitmq.conf:1: unknown key 'defualt_pass' (did you mean 'default_pass'?)");
    CHECK(load_text("auth_ldap.password = s3cret").warnings.at(0).find("s3cret") == std::string::npos);
    std::ostringstream out;
    out << settings_of("default_pass = s3cret").default_user.password;
    CHECK(out.str() == "***");
}

TEST_CASE("config file: a file that cannot be read is named", "[config]") {
    CHECK_THROWS_WITH(read_config_file("/nonexistent/rabbitmq.conf"),
                      "/nonexistent/rabbitmq.conf: cannot be read: No such file or directory");
    CHECK_THROWS_WITH(read_config_file("/"), "/: is a directory, expected a file");
}
