#include "broker/admin/web_assets.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <map>

namespace broker {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 4> content_types{{
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
}};

std::string_view content_type(std::string_view path) {
    const auto found = std::ranges::find_if(content_types, [&](const auto& row) { return path.ends_with(row.first); });
    return found == content_types.end() ? "application/octet-stream" : found->second;
}

// Weak, because the gzipped file has the same.
std::string make_etag(std::string_view octets) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    EVP_Digest(octets.data(), octets.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string etag = "W/\"";
    for (std::size_t i = 0; i < 16; ++i) {
        etag.append({digits[digest[i] >> 4], digits[digest[i] & 15]});
    }
    return etag + '"';
}

const std::string& etag_of(const WebAsset& asset) {
    static const auto etags = [] {
        std::map<std::string_view, std::string> all;
        for (const WebAsset& each : web_assets()) {
            all.emplace(each.path, make_etag(each.plain.view()));
        }
        return all;
    }();
    return etags.find(asset.path)->second;
}

} // namespace

std::optional<HttpResponse> web_asset_response(std::string_view path, std::string_view accept_encoding,
                                               std::string_view if_none_match) {
    const std::string_view wanted = path == "/" ? "/index.html" : path;
    const auto found = std::ranges::find(web_assets(), wanted, &WebAsset::path);
    if (found == web_assets().end()) {
        return std::nullopt;
    }
    HttpResponse response;
    response.content_type = content_type(wanted);
    response.headers.emplace_back("etag", etag_of(*found));
    response.headers.emplace_back("cache-control", "no-cache"); // kept, but asked for each time
    if (if_none_match.find(etag_of(*found)) != std::string_view::npos) {
        response.status = 304;
    } else if (accept_encoding.find("gzip") != std::string_view::npos) {
        response.encoding = "gzip";
        response.body = found->gzipped.view();
    } else {
        response.body = found->plain.view();
    }
    return response;
}

} // namespace broker
