// Definitions: everything that can be declared, out of the broker and into it.
#include "broker/admin/definitions.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/definitions_export.hpp"
#include "broker/admin/definitions_import.hpp"
#include "broker/admin/resources/resources.hpp"

namespace broker {
namespace {

HttpAnswer import_file(Api& api, const HttpRequest& request, std::optional<std::string> virtual_host) {
    const auto body = decode_body(request.body);
    if (!body) {
        co_return body.error();
    }
    auto definitions = read_definitions(*body, std::move(virtual_host));
    if (!definitions) {
        co_return definitions.error();
    }
    Definitions file = std::move(*definitions);
    const auto done = co_await import_definitions(api, request.user, std::move(file));
    if (done) {
        co_return HttpResponse::no_content();
    }
    // Whatever is wrong is wrong with the file.
    co_return amqp::precondition_failed(done.error().text);
}

} // namespace

HttpAnswer get_definitions(Api& api, const HttpRequest&) {
    const auto file = co_await export_definitions(api);
    co_return HttpResponse::json(file);
}

HttpAnswer get_definitions_of_virtual_host(Api& api, const HttpRequest& request) {
    const auto file = co_await export_definitions(api, api.node.find_virtual_host(request.parameter("vhost")));
    co_return HttpResponse::json(file);
}

HttpAnswer post_definitions(Api& api, const HttpRequest& request) {
    return import_file(api, request, std::nullopt);
}

HttpAnswer post_definitions_of_virtual_host(Api& api, const HttpRequest& request) {
    return import_file(api, request, request.parameter("vhost"));
}

} // namespace broker
