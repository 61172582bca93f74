#include "storage/rocksdb/manifest_check.hpp"

#include "storage/byte_codec.hpp"
#include "storage/crc32c.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace storage {
namespace {

// RocksDB's log format: blocks of 32 KiB with pieces
//   piece = crc32c:u32 (masked, of type and text)  size:u16  type:u8  text:octet*size
constexpr std::size_t block_size = 32 * 1024;
constexpr std::size_t header_size = 7;

std::uint32_t masked(std::uint32_t crc) {
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Header {
    std::uint32_t checksum = 0;
    std::uint16_t size = 0;
};

std::optional<Header> header_at(std::string_view file, std::size_t at) {
    ByteReader in(file.substr(at));
    const Header header{in.little_endian<std::uint32_t>(), in.little_endian<std::uint16_t>()};
    in.u8();
    return in.ok() ? std::optional(header) : std::nullopt;
}

bool is_piece(std::string_view file, std::size_t at, const Header& header) {
    return file.size() - at >= header_size + header.size &&
           masked(crc32c(file.substr(at + header_size - 1, 1u + header.size))) == header.checksum;
}

// Where the first piece begins that is no piece; the end of the file when there is none.
std::size_t first_fault(std::string_view file) {
    std::size_t at = 0;
    while (at < file.size()) {
        const std::size_t left_in_block = block_size - at % block_size;
        if (left_in_block < header_size) {
            at += left_in_block;
            continue;
        }
        const auto header = header_at(file, at);
        if (!header || !is_piece(file, at, *header))
            return at;
        at += header_size + header->size;
    }
    return file.size();
}

// Whether what is there is a whole piece with another length, or there is a whole one behind it: a tear leaves neither.
bool was_whole(std::string_view file, std::size_t at) {
    const auto header = header_at(file, at);
    for (unsigned bit = 0; header && bit < 16; ++bit)
        if (is_piece(file, at, {header->checksum, static_cast<std::uint16_t>(header->size ^ (1u << bit))}))
            return true;
    for (++at; at < file.size(); ++at)
        if (const auto other = header_at(file, at); other && other->size > 0 && is_piece(file, at, *other))
            return true;
    return false;
}

} // namespace

void check_manifest(const std::filesystem::path& database) {
    std::string name = content_of(database / "CURRENT");
    name.erase(std::find(name.begin(), name.end(), '\n'), name.end());
    const std::string file = name.empty() ? std::string() : content_of(database / name);
    const std::size_t fault = first_fault(file);
    const std::size_t behind = file.size() - fault; // with more than a block RocksDB does not believe in a tear
    if (behind > 0 && behind <= block_size && was_whole(file, fault))
        throw std::runtime_error("data directory " + database.parent_path().string() + " is damaged: db/" + name +
                                 " cannot be read from octet " + std::to_string(fault) + " on");
}

} // namespace storage
