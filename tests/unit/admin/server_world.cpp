#include "tests/unit/admin/server_world.hpp"

#include "broker/admin/text.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>

#include <catch2/catch.hpp>

namespace broker {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

HttpOptions on_any_port(HttpOptions options) {
    options.address = "127.0.0.1";
    options.port = 0;
    return options;
}

asio::ip::tcp::socket connect(asio::io_context& io, std::uint16_t port) {
    asio::ip::tcp::socket socket(io);
    socket.connect({asio::ip::make_address("127.0.0.1"), port});
    return socket;
}

} // namespace

StubNode::StubNode()
    : authenticator_(users_, [](std::function<void()> task) { task(); },
                     {.loopback_users = {"guest"}, .default_algorithm = HashingAlgorithm::sha256}) {
    info_.node_name = "rabbit@test";
    info_.cluster_name = "rabbit@test";
    info_.version = "4.2.0";
    info_.own_version = "0.1.0";
    info_.data_directory = "/";
    put_virtual_host({.name = "/", .shard = 1, .description = {}, .tags = {}, .default_queue_type = {}}, [](auto) {});
    add_user("guest", {"administrator"});
}

void StubNode::add_user(std::string name, std::vector<std::string> tags) {
    change_users(
        [&](UserStore& users, storage::Batch& batch) {
            UserDefinition definition;
            definition.name = name;
            definition.password = name;
            definition.tags = tags;
            return users.put_user(definition, hash_password(name, HashingAlgorithm::sha256), batch);
        },
        [](auto) {});
    if (name == "guest") {
        change_users(
            [&](UserStore& users, storage::Batch& batch) {
                return users.set_permissions(name, "/", {".*", ".*", ".*"}, batch);
            },
            [](auto) {});
    }
}

void StubNode::change_users(UserChange change, std::function<void(amqp::Result<Put>)> done, std::string_view) {
    storage::Batch batch;
    done(change(users_, batch));
}

std::vector<std::shared_ptr<VirtualHost>> StubNode::virtual_hosts() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<VirtualHost>> all;
    for (const auto& [name, virtual_host] : virtual_hosts_) {
        all.push_back(virtual_host);
    }
    return all;
}

std::shared_ptr<VirtualHost> StubNode::find_virtual_host(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = virtual_hosts_.find(name);
    return found == virtual_hosts_.end() ? nullptr : found->second;
}

void StubNode::put_virtual_host(storage::VirtualHostRecord record, std::function<void(amqp::Result<Put>)> done,
                                std::string_view) {
    const std::lock_guard lock(mutex_);
    const bool existed = virtual_hosts_.contains(record.name);
    if (existed) {
        virtual_hosts_.find(record.name)->second->set_record(record);
    } else {
        record.shard = ++last_shard_;
        virtual_hosts_[record.name] = std::make_shared<VirtualHost>(
            record, VirtualHost::Environment{store_, clock_, {}, [](storage::Outcome) {}});
    }
    done(existed ? Put::replaced : Put::created);
}

void StubNode::delete_virtual_host(std::string_view name, std::function<void(amqp::Result<>)> done, std::string_view) {
    const std::lock_guard lock(mutex_);
    virtual_hosts_.erase(virtual_hosts_.find(name));
    done({});
}

std::map<std::string, std::string, std::less<>> StubNode::global_parameters() const {
    const std::lock_guard lock(mutex_);
    return global_parameters_;
}

void StubNode::put_global_parameter(std::string name, std::string value, std::function<void(amqp::Result<Put>)> done) {
    const std::lock_guard lock(mutex_);
    done(global_parameters_.insert_or_assign(std::move(name), std::move(value)).second ? Put::created : Put::replaced);
}

void StubNode::delete_global_parameter(std::string_view name, std::function<void(amqp::Result<>)> done) {
    const std::lock_guard lock(mutex_);
    const auto found = global_parameters_.find(name);
    if (found == global_parameters_.end()) {
        return done(amqp::not_found("no parameter"));
    }
    global_parameters_.erase(found);
    done({});
}

std::string concrete(std::string_view path) {
    std::string made;
    while (!path.empty()) {
        const std::size_t open = std::min(path.find('{'), path.size());
        made += path.substr(0, open);
        path.remove_prefix(open);
        if (!path.empty()) {
            made += path.starts_with("{vhost}") ? "%2F" : "1";
            path.remove_prefix(path.find('}') + 1);
        }
    }
    return made;
}

boost::json::value Answer::json() const {
    return boost::json::parse(body);
}

ServerWorld::ServerWorld(HttpOptions options) : server(node, on_any_port(std::move(options))) {
    server.start();
}

Answer ServerWorld::call(std::string_view verb, std::string_view path, std::string_view body, std::string_view user) {
    asio::io_context io;
    asio::ip::tcp::socket socket = connect(io, server.port());
    http::request<http::string_body> request;
    request.method_string(verb);
    request.target("/api" + std::string(path));
    request.set(http::field::host, "localhost");
    if (!user.empty()) {
        const std::string login = std::string(user) + ':' + std::string(user);
        request.set(http::field::authorization, "Basic " + encode_base64(login));
    }
    request.body() = body;
    request.prepare_payload();
    http::write(socket, request);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.skip(verb == "HEAD");
    http::read(socket, buffer, parser);
    Answer answer{parser.get().result_int(), {}, parser.get().body()};
    for (const auto& field : parser.get()) {
        std::string name = field.name_string();
        std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        answer.headers[name] = field.value();
    }
    return answer;
}

std::string ServerWorld::raw(std::string_view octets) {
    asio::io_context io;
    asio::ip::tcp::socket socket = connect(io, server.port());
    boost::system::error_code error;
    asio::write(socket, asio::buffer(octets), error);
    socket.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    std::string answer;
    asio::read(socket, asio::dynamic_buffer(answer), error);
    return answer;
}

} // namespace broker
