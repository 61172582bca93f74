// CRC32C for RocksDB itself, which has one in every record of its logs. Debian's librocksdb computes it by table, a
// quarter of the CPU of a written message of 1 KiB; its own calls go through the dynamic linker, which takes the
// definition of the executable first: ours, with the processor's instruction (ADR 14). The same checksum, so any
// librocksdb reads what was written. Where the linker does otherwise it is only slower.
#pragma once

namespace storage {

bool library_crc32c_is_right(); // against a known vector; a wrong one would make every log unreadable

} // namespace storage
