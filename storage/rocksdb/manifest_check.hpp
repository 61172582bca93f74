// RocksDB takes a record of its manifest that is longer than the file for one that a power cut tore, and goes on
// without it and all behind it: tables, or whole column families, would be gone without a word. One flipped bit in a
// length does that. Here the two are told apart, before the database is opened.
#pragma once

#include <filesystem>

namespace storage {

// Throws std::runtime_error with one clear line when the manifest is damaged. What RocksDB notices is left to it.
void check_manifest(const std::filesystem::path& database);

} // namespace storage
