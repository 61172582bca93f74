// The files of the page at /, compiled into the program by cmake/EmbedAssets.cmake: found by path, answered with an
// ETag, gzipped if the client takes that. Everybody may read them; they know nothing of the broker. Any thread.
#pragma once

#include "broker/admin/http_message.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace broker {

struct WebAsset {
    struct Octets {
        const char* begin;
        const char* end;
        std::string_view view() const { return {begin, end}; }
    };
    std::string_view path; // "/app.js"
    Octets plain, gzipped;
};

std::span<const WebAsset> web_assets();

// `path` is what follows management.path_prefix; "/" is the page. Nothing: there is no such file.
std::optional<HttpResponse> web_asset_response(std::string_view path, std::string_view accept_encoding,
                                               std::string_view if_none_match);

} // namespace broker
