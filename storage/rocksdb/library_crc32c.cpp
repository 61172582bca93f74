#include "storage/rocksdb/library_crc32c.hpp"

#include "storage/crc32c.hpp"

#include <cstddef>
#include <cstdint>

namespace rocksdb::crc32c {

// As the library declares it, in a header that it does not install.
[[gnu::visibility("default")]] std::uint32_t Extend(std::uint32_t crc, const char* bytes, std::size_t size);

std::uint32_t Extend(std::uint32_t crc, const char* bytes, std::size_t size) {
    return storage::crc32c_extend(crc, {bytes, size});
}

} // namespace rocksdb::crc32c

namespace storage {

bool library_crc32c_is_right() {
    return rocksdb::crc32c::Extend(0, "123456789", 9) == 0xe3069283;
}

} // namespace storage
