// Opens a connection with a channel and closes it again, as long as it may; each by blocking calls on a thread of its
// own, as a client does that connects for one request.
#pragma once

#include "bench/load_thread.hpp"
#include "bench/options.hpp"

namespace bench {

class ConnectionChurn final : public LoadThread {
 public:
    ConnectionChurn(const Options& options, const Uri& uri) : options_(options), uri_(uri) {}
    ~ConnectionChurn() override { stop(); }

 protected:
    bool turn() override;

 private:
    const Options& options_;
    const Uri& uri_;
};

} // namespace bench
