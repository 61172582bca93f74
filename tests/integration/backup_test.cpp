#include "tests/support/amqp_client.hpp"
#include "tests/support/running_broker.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <filesystem>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace broker::test {
namespace {

using namespace amqp;

// Publishes numbers to "q", as fast as they are confirmed.
class Load {
 public:
    explicit Load(const RunningBroker& broker)
        : thread_([this, &broker] {
              AmqpClient client = AmqpClient::open(broker.port());
              client.confirm_select();
              constexpr int at_once = 50;
              for (int next = 0; !stop_; next += at_once) {
                  for (int i = next; i < next + at_once; ++i) {
                      client.publish("", "q", std::to_string(i), {.properties = persistent()});
                  }
                  const auto first = static_cast<std::uint64_t>(next) + 1;
                  client.expect_confirms(first, first + at_once - 1);
                  confirmed_ = next + at_once;
              }
          }) {}
    ~Load() {
        stop_ = true;
        thread_.join();
    }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    int confirmed() const { return confirmed_; }

 private:
    std::atomic<bool> stop_ = false;
    std::atomic<int> confirmed_ = 0;
    std::thread thread_;
};

Result<Backup> back_up(RunningBroker& broker, std::string name) {
    const auto said = std::make_shared<std::promise<Result<Backup>>>();
    broker.broker().node().back_up(std::move(name), [said](Result<Backup> got) { said->set_value(std::move(got)); });
    return said->get_future().get();
}

std::vector<Backup> backups_of(RunningBroker& broker) {
    const auto said = std::make_shared<std::promise<std::vector<Backup>>>();
    broker.broker().node().list_backups([said](std::vector<Backup> got) { said->set_value(std::move(got)); });
    return said->get_future().get();
}

} // namespace

TEST_CASE("backup: a broker started on it has everything that was confirmed before it was asked for",
          "[integration][backup]") {
    RunningBroker broker;
    AmqpClient::open(broker.port()).declare("q", true);
    int confirmed = 0;
    std::string path;
    {
        const Load load(broker);
        while (load.confirmed() < 500) {
            std::this_thread::yield();
        }
        confirmed = load.confirmed();
        const auto backup = back_up(broker, "first");
        REQUIRE(backup.has_value());
        CHECK(backup->bytes > 0);
        path = backup->path;
        CHECK(path == broker.settings().data_dir + "/backups/first");
    }
    REQUIRE(backups_of(broker).size() == 1);
    CHECK(backups_of(broker).front().name == "first");

    RunningBroker copy([&](config::Settings& settings) { settings.data_dir = path; });
    AmqpClient client = AmqpClient::open(copy.port());
    const auto there = static_cast<int>(client.ready_messages("q"));
    CHECK(there >= confirmed);
    for (int i = 0; i < there; ++i) {
        REQUIRE(client.get("q").body == std::to_string(i));
    }
}

TEST_CASE("backup: has a name of its own, and nothing else", "[integration][backup]") {
    RunningBroker broker([](config::Settings& settings) { settings.backup_dir = settings.data_dir + "-elsewhere"; });
    for (const std::string name : {"..", "../up", "/tmp/x", ".hidden", "a b", "a/b", "x.unfinished"}) {
        CAPTURE(name);
        CHECK_FALSE(back_up(broker, name).has_value());
    }
    REQUIRE(back_up(broker, "").has_value());
    REQUIRE(back_up(broker, "again").has_value());
    CHECK(back_up(broker, "again").error().text == "there is a backup 'again' already");
    const auto backups = backups_of(broker);
    REQUIRE(backups.size() == 2);
    CHECK(backups.back().path == broker.settings().data_dir + "-elsewhere/again");
    CHECK(backups.front().name.starts_with("20"));
}

} // namespace broker::test
