#include "config/key_lookup.hpp"
#include "tests/unit/config/support.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace config;

TEST_CASE("setting table: no key twice, every key says what it expects", "[config]") {
    std::set<std::string> keys;
    for (const Setting& setting : setting_table()) {
        CAPTURE(setting.key);
        CHECK(keys.insert(setting.key).second);
        CHECK_FALSE(setting.expected.empty());
        CHECK((setting.effect == Setting::Effect::none_yet || !setting.help.empty()));
    }
}

TEST_CASE("setting table: every key is found by its own name", "[config]") {
    for (const Setting& setting : setting_table()) {
        CAPTURE(setting.key);
        CHECK(find_setting(setting.key).setting == &setting);
    }
    CHECK(find_setting("loopback_users.first.last").name == "first.last");
    CHECK(find_setting("loopback_users.").setting == nullptr);
    CHECK(find_setting("").setting == nullptr);
}

TEST_CASE("setting table: a key fills its member", "[config]") {
    CHECK(settings_of("heartbeat = 0").heartbeat_s == 0);
    CHECK(settings_of("frame_max = 8192").frame_max_bytes == 8192);
    CHECK(settings_of("initial_frame_max = 16KiB").initial_frame_max_bytes == 16'384);
    CHECK(settings_of("channel_max = 16").channel_max == 16);
    CHECK(settings_of("channel_max = 0").channel_max == 65'535);
    CHECK(settings_of("frame_max = 0").frame_max_bytes == 16'777'216);
    CHECK(error_of("frame_max = 4095") ==
          "rabbitmq.conf:1: frame_max = 4095: expected a size from 4KiB to 16MiB, in bytes "
          "or with a unit as in 64kB or 16MiB, or 0 for the largest");
    CHECK(settings_of("max_channels_per_connection = 17").channel_max == 17);
    CHECK(settings_of("connection_max = 5").max_connections == 5);
    CHECK(settings_of("max_connections = infinity").max_connections == Settings::unlimited);
    CHECK(settings_of("consumer_max_per_channel = 3").consumer_max_per_channel == 3);
    CHECK(settings_of("max_message_size = 512MiB").max_message_size_bytes == 536'870'912);
    CHECK(settings_of("handshake_timeout = 5000").handshake_timeout_ms == 5'000);
    CHECK(settings_of("management.tcp.port = 0").management.port == 0);
    CHECK(settings_of("management.tcp.ip = ::1").management.address == "::1");
    CHECK(settings_of("default_user_tags.monitoring = true").default_user.tags == std::set<std::string>{"monitoring"});
    CHECK(settings_of("default_permissions.write = ^$").default_user.write == "^$");
    CHECK(settings_of("default_pass = 'a#b'").default_user.password.reveal() == "a#b");
    CHECK(settings_of("log.console = false").log.console == false);
    CHECK(settings_of("log.file = /tmp/leveret.log").log.file == "/tmp/leveret.log");
    CHECK(settings_of("log.file = false").log.file.empty());
    CHECK(settings_of("log.connection.level = debug").log.category_levels.at("connection") == LogLevel::debug);
    CHECK(settings_of("tcp_listen_options.sndbuf = 196608").tcp_listen_options.send_buffer_bytes == 196'608);
    CHECK(settings_of("leveret.io_threads = 3").io_threads == 3);
    CHECK(settings_of("leveret.data_dir = /srv/mq").data_dir == "/srv/mq");
    CHECK(settings_of("cluster_name = hutch").cluster_name == "hutch");
    CHECK(settings_of("anonymous_login_user = none").anonymous_login_user.empty());
    CHECK(settings_of("auth_mechanisms.1 = PLAIN").auth_mechanisms == std::vector<std::string>{"PLAIN"});
}

TEST_CASE("setting table: listeners that are given replace the default one", "[config]") {
    CHECK(settings_of("").tcp_listeners == std::vector<Endpoint>{{"0.0.0.0", 5672}});
    CHECK(settings_of("listeners.tcp.default = 0").tcp_listeners == std::vector<Endpoint>{{"0.0.0.0", 0}});
    CHECK(settings_of("listeners.tcp.local = 127.0.0.1:5672\nlisteners.tcp.local_v6 = ::1:5673").tcp_listeners ==
          std::vector<Endpoint>{{"127.0.0.1", 5672}, {"::1", 5673}});
    CHECK(settings_of("listeners.tcp = none\nlisteners.tcp.default = 5672").tcp_listeners.empty());
    CHECK(error_of("listeners.tcp = 5672") == "rabbitmq.conf:1: listeners.tcp = 5672: expected none");
}

TEST_CASE("setting table: loopback users that are given replace guest", "[config]") {
    using Users = std::set<std::string>;
    CHECK(settings_of("").loopback_users == Users{"guest"});
    CHECK(settings_of("loopback_users.guest = true").loopback_users == Users{"guest"});
    CHECK(settings_of("loopback_users.guest = false").loopback_users.empty());
    CHECK(settings_of("loopback_users = none").loopback_users.empty());
    CHECK(settings_of("loopback_users.guest = true\nloopback_users.bob = true").loopback_users ==
          Users{"guest", "bob"});
}

TEST_CASE("setting table: a relative watermark wins over an absolute one", "[config]") {
    CHECK(settings_of("vm_memory_high_watermark.absolute = 2GiB").memory_high_watermark ==
          Watermark{.relative = {}, .absolute_bytes = 2'147'483'648});
    CHECK(settings_of("disk_free_limit.relative = 1.5\ndisk_free_limit.absolute = 1GB").disk_free_limit ==
          Watermark{.relative = 1.5, .absolute_bytes = {}});
}

TEST_CASE("setting table: a key without effect is checked and named in a warning", "[config]") {
    const auto loaded = load_text("heartbeat = 30\nreverse_dns_lookups = true\nmqtt.vhost = /\n");
    CHECK(loaded.warnings ==
          std::vector<std::string>{
              "rabbitmq.conf:2: 'reverse_dns_lookups' is accepted, but has no effect in this version",
              "rabbitmq.conf:3: 'mqtt.vhost' is accepted, but has no effect in this version"});
    CHECK(loaded.settings.heartbeat_s == 30);
}
