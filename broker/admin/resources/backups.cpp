// Backups: copies of the running broker's data, each a data directory to start on.
#include "broker/admin/body.hpp"
#include "broker/admin/resources/resources.hpp"
#include "broker/admin/text.hpp"

#include <boost/json/array.hpp>

namespace broker {
namespace {

namespace json = boost::json;

json::object backup_json(const Backup& backup) {
    return {{"directory", json_text(backup.name)},
            {"path", json_text(backup.path)},
            {"size", backup.bytes},
            {"made_at", backup.made_at.time_since_epoch().count()}};
}

boost::asio::awaitable<amqp::Result<Backup>> make(Api& api, std::string name) {
    return wait_for<amqp::Result<Backup>>(api.io, [&api, name = std::move(name)](auto done) mutable {
        api.node.back_up(std::move(name), std::move(done));
    });
}

boost::asio::awaitable<std::vector<Backup>> list(Api& api) {
    return wait_for<std::vector<Backup>>(api.io, [&api](auto done) { api.node.list_backups(std::move(done)); });
}

} // namespace

HttpAnswer make_backup(Api& api, const HttpRequest& request) {
    const auto body = decode_body(request.body);
    if (!body) {
        co_return body.error();
    }
    BodyFields fields(*body);
    const auto given = fields.text("directory");
    if (given && given->empty()) {
        fields.fail("a backup needs a name, or none to be named after the time");
    }
    if (fields.error()) {
        co_return *fields.error();
    }
    std::string name = given.value_or(std::string());
    const auto made = co_await make(api, std::move(name));
    if (!made) {
        co_return made.error();
    }
    co_return HttpResponse::json(backup_json(*made), 201);
}

HttpAnswer list_backups(Api& api, const HttpRequest&) {
    const std::vector<Backup> backups = co_await list(api);
    json::array items;
    for (const Backup& backup : backups) {
        items.push_back(backup_json(backup));
    }
    co_return HttpResponse::json(items);
}

} // namespace broker
