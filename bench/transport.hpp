// A connected socket, with or without TLS over it. Blocking, with a limit on how long nothing may come, until begin()
// was called. Owned by a Connection.
#pragma once

#include "bench/uri.hpp"

#include <sys/types.h>
#include <sys/uio.h>

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace bench {

class Transport {
 public:
    Transport(const Uri& uri, const Security& security); // throws std::runtime_error with one line
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    int descriptor() const { return socket_; }
    void begin();
    // As recv and sendmsg do, but that a TLS one sends no more than the first piece. EAGAIN in errno: not now.
    ssize_t receive(char* place, std::size_t size);
    ssize_t send(const iovec* pieces, std::size_t count);

 private:
    void connect(const Uri& uri);
    void encrypt(const Uri& uri, const Security& security);
    ssize_t tls_result(int result);

    int socket_ = -1;
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> tls_;
};

} // namespace bench
