// A test client's end of a TCP connection to 127.0.0.1, or of one to a UNIX socket: octets out and in, each within a
// deadline. Blocking, used by one thread. It knows nothing of AMQP.
#pragma once

#include "protocol/types.hpp"

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace broker::test {

struct Timeout : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class ClientSocket {
 public:
    // How long the broker may take for anything; far more than it needs, also under a sanitizer on a busy machine.
    static constexpr std::chrono::seconds patience{60};

    // `receive_buffer_bytes` 0: the system's choice.
    explicit ClientSocket(std::uint16_t port, int receive_buffer_bytes = 0);
    explicit ClientSocket(const std::string& path); // UNIX
    ~ClientSocket();
    ClientSocket(ClientSocket&& other) noexcept;
    ClientSocket& operator=(ClientSocket&&) = delete;

    // All of them. A peer that has hung up is no error here: what it said before can still be read.
    void send(amqp::Bytes octets);
    // Appends what has come, at least one octet; false: the peer has closed its end, or reset the connection.
    bool receive(std::string& into);

    void shut_down(); // says that nothing more will be sent
    void reset();     // goes without a word, as when a machine dies

 private:
    void wait_for(short events, const char* what) const;

    int socket_;
};

} // namespace broker::test
