#include "tests/support/running_broker.hpp"

#include "broker/auth/password_hash.hpp"
#include "broker/auth/user_definition.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <future>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace broker::test {
namespace {

// The store's files by name, and the size of its manifest, which grows with every change of their set. Logs may grow.
std::map<std::string, std::uintmax_t> files_of(const std::filesystem::path& directory) {
    std::map<std::string, std::uintmax_t> files;
    std::error_code gone;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        const std::string name = entry.path().filename().string();
        files[name] = name.starts_with("MANIFEST") ? entry.file_size(gone) : 0;
    }
    return files;
}

std::filesystem::path make_directory() {
    std::string path = (std::filesystem::temp_directory_path() / "leveret-integration-XXXXXX").string();
    if (mkdtemp(path.data()) == nullptr) {
        throw std::runtime_error("mkdtemp failed in the directory for temporary files");
    }
    return path;
}

config::Settings settings_in(const std::filesystem::path& directory) {
    config::Settings settings;
    settings.tcp_listeners = {{"127.0.0.1", 0}};
    settings.management = {"127.0.0.1", 0};
    settings.prometheus = {"127.0.0.1", 0};
    settings.data_dir = (directory / "data").string();
    settings.io_threads = 2;
    return settings;
}

// Waits for the answer of an administrative order.
template <class Order>
void carry_out(Order order) {
    std::promise<amqp::Result<Put>> done;
    order([&](amqp::Result<Put> result) { done.set_value(std::move(result)); });
    if (const auto result = done.get_future().get(); result.has_error()) {
        throw std::runtime_error(result.error().text);
    }
}

} // namespace

RunningBroker::RunningBroker(const std::function<void(config::Settings&)>& adjust)
    : directory_(make_directory()),
      settings_(settings_in(directory_)) {
    spdlog::set_level(spdlog::level::off);
    if (adjust) {
        adjust(settings_);
    }
    start();
}

RunningBroker::~RunningBroker() {
    stop();
    std::filesystem::remove_all(directory_);
}

void RunningBroker::start() {
    broker_ = std::make_unique<Broker>(settings_, [] { std::abort(); });
    broker_->start();
    port_ = port_of("amqp");
}

std::uint16_t RunningBroker::port_of(std::string_view protocol) const {
    for (const ListenerInfo& listener : broker_->node().listeners()) {
        if (listener.protocol == protocol) {
            return listener.port;
        }
    }
    return 0;
}

void RunningBroker::change_settings(const std::function<void(config::Settings&)>& change) {
    change(settings_);
    broker_->reload(settings_);
}

void RunningBroker::stop() {
    if (broker_) {
        broker_->stop();
        broker_.reset();
    }
}

void RunningBroker::restart() {
    stop();
    start();
}

void RunningBroker::restart_as_after_a_crash() {
    const std::filesystem::path copy = directory_ / ("data-" + std::to_string(++copies_));
    std::error_code error;
    std::map<std::string, std::uintmax_t> before;
    do { // a crash leaves the files of one instant: should the store change their set meanwhile, all of them again
        before = files_of(settings_.data_dir);
        std::filesystem::remove_all(copy);
        std::filesystem::copy(settings_.data_dir, copy, std::filesystem::copy_options::recursive, error);
    } while (error == std::errc::no_such_file_or_directory || before != files_of(settings_.data_dir));
    stop();
    settings_.data_dir = copy.string();
    start();
}

void RunningBroker::add_virtual_host(std::string_view name) {
    storage::VirtualHostRecord record;
    record.name = name;
    carry_out([&](auto done) { broker_->node().put_virtual_host(record, done, {}); });
}

std::vector<SessionSnapshot> RunningBroker::connections() {
    std::vector<SessionSnapshot> all;
    std::mutex mutex; // network threads are asked at the same time
    std::promise<void> done;
    const auto take = [&](Connection& connection) {
        const std::lock_guard lock(mutex);
        all.push_back(connection.snapshot());
    };
    broker_->node().visit_connections(take, [&done] { done.set_value(); });
    done.get_future().wait();
    return all;
}

void RunningBroker::add_user(std::string_view name, std::string_view password) {
    UserDefinition definition;
    definition.name = name;
    definition.password = std::string(password);
    definition.tags = std::vector<std::string>{};
    const auto hash = password_hash_of(definition, HashingAlgorithm::sha256);
    carry_out([&](auto done) {
        broker_->node().change_users(
            [&](UserStore& users, storage::Batch& batch) -> amqp::Result<Put> {
                const auto put = users.put_user(definition, hash.value(), batch);
                return put ? users.set_permissions(name, "/", {".*", ".*", ".*"}, batch) : put;
            },
            done, {});
    });
}

} // namespace broker::test
