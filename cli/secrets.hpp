// Passwords that do not stand on a command line, where every user of the machine could read them.
#pragma once

#include <string>

namespace cli {

// Throws Failure when the file cannot be read.
std::string first_line_of(const std::string& file);

// Asks on the terminal without showing what is typed, else reads a line from standard input.
// Throws Failure when nothing comes.
std::string read_secret(const std::string& question);

// What users' `password_hash` is with `rabbit_password_hashing_sha256`: base64 of the salt and SHA-256 of salt and
// password.
std::string salted_hash(const std::string& password, const std::string& salt);
std::string random_salt();

} // namespace cli
