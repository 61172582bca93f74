// Definitions: everything that can be declared, out of the broker and into it.
#include "broker/admin/definitions.hpp"

#include "broker/admin/body.hpp"
#include "broker/admin/definitions_export.hpp"
#include "broker/admin/definitions_import.hpp"
#include "broker/admin/form_data.hpp"
#include "broker/admin/resources/resources.hpp"

namespace broker {
namespace {

// What was sent: a JSON object, or a form with one in a file, and where the browser is to go afterwards.
struct Upload {
    std::string_view file, redirect;
};

amqp::Result<Upload> upload_of(std::string_view body) {
    if (!is_form_data(body)) {
        return Upload{body, {}};
    }
    const auto parts = read_form_data(body);
    if (!parts) {
        return parts.error();
    }
    Upload upload;
    for (const FormPart& part : *parts) {
        if (part.name == "file") {
            if (!part.file_name.empty() && !part.file_name.ends_with(".json")) {
                return amqp::precondition_failed("unsupported_file_extension");
            }
            upload.file = part.content;
        } else if (part.name == "redirect") {
            upload.redirect = part.content;
        }
    }
    return upload;
}

// Only to a place here: nobody shall be sent elsewhere by a form.
bool is_local(std::string_view redirect) {
    return !redirect.empty() && redirect.size() <= 1024 && !redirect.starts_with("//") &&
           redirect.find_first_of(":\\\r\n") == std::string_view::npos;
}

// As a file to keep where `download` asks for one; a name that would need quoting is the browser's to choose.
HttpResponse file_response(const HttpRequest& request, const boost::json::object& file) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    HttpResponse response = HttpResponse::json(file);
    if (const auto name = request.query.find("download")) {
        const bool is_plain = !name->empty() && name->find_first_not_of(plain) == std::string_view::npos;
        response.headers.emplace_back("content-disposition",
                                      is_plain ? "attachment; filename=" + std::string(*name) : "attachment");
    }
    return response;
}

HttpAnswer import_file(Api& api, const HttpRequest& request, std::optional<std::string> virtual_host) {
    const auto upload = upload_of(request.body);
    if (!upload) {
        co_return upload.error();
    }
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    const auto body = decode_body(
        upload->file.substr(upload->file.starts_with(byte_order_mark) ? byte_order_mark.size() : 0));
    if (!body) {
        co_return body.error();
    }
    auto definitions = read_definitions(*body, std::move(virtual_host));
    if (!definitions) {
        co_return definitions.error();
    }
    Definitions file = std::move(*definitions);
    const auto done = co_await import_definitions(api, request.user, std::move(file));
    if (done && is_local(upload->redirect)) {
        HttpResponse elsewhere{303, {}, std::string(upload->redirect)};
        co_return elsewhere;
    }
    if (done) {
        co_return HttpResponse::no_content();
    }
    // Whatever is wrong is wrong with the file.
    co_return amqp::precondition_failed(done.error().text);
}

} // namespace

HttpAnswer get_definitions(Api& api, const HttpRequest& request) {
    const auto file = co_await export_definitions(api);
    co_return file_response(request, file);
}

HttpAnswer get_definitions_of_virtual_host(Api& api, const HttpRequest& request) {
    const auto file = co_await export_definitions(api, api.node.find_virtual_host(request.parameter("vhost")));
    co_return file_response(request, file);
}

HttpAnswer post_definitions(Api& api, const HttpRequest& request) {
    return import_file(api, request, std::nullopt);
}

HttpAnswer post_definitions_of_virtual_host(Api& api, const HttpRequest& request) {
    return import_file(api, request, request.parameter("vhost"));
}

} // namespace broker
