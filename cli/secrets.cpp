#include "cli/secrets.hpp"

#include "cli/exit_code.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>

namespace cli {
namespace {

// What is typed on standard input stays invisible as long as this lives.
class Unseen {
 public:
    Unseen() {
        if (tcgetattr(STDIN_FILENO, &before_) == 0) {
            termios hidden = before_;
            hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
        }
    }
    ~Unseen() {
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
        std::fputc('\n', stderr);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

 private:
    termios before_{};
};

const unsigned char* octets(const std::string& text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string first_line(std::istream& stream) {
    std::string line;
    std::getline(stream, line);
    if (line.ends_with('\r')) {
        line.pop_back();
    }
    return line;
}

} // namespace

std::string first_line_of(const std::string& file) {
    std::ifstream stream(file);
    if (!stream) {
        throw Failure(ExitCode::configuration, "Error: " + file + ": cannot be read");
    }
    return first_line(stream);
}

std::string read_secret(const std::string& question) {
    std::string secret;
    if (isatty(STDIN_FILENO) != 0) {
        const Unseen unseen; // before the question: an answer may come at once
        std::fputs(question.c_str(), stderr);
        secret = first_line(std::cin);
    } else {
        secret = first_line(std::cin);
    }
    if (secret.empty()) {
        throw failed(ExitCode::data, "Password is not provided via argument or stdin");
    }
    return secret;
}

std::string salted_hash(const std::string& password, const std::string& salt) {
    const std::string salted = salt + password;
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(octets(salted), salted.size(), digest.data());
    const std::string hashed = salt + std::string(digest.begin(), digest.end());
    std::string text(4 * ((hashed.size() + 2) / 3) + 1, '\0'); // OpenSSL writes a zero behind it
    text.resize(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), octets(hashed),
                                static_cast<int>(hashed.size())));
    return text;
}

std::string random_salt() {
    std::array<unsigned char, 4> salt{};
    if (RAND_bytes(salt.data(), salt.size()) != 1) {
        throw failed(ExitCode::software, "no random numbers are to be had");
    }
    return {salt.begin(), salt.end()};
}

} // namespace cli
