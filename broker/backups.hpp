// Copies of the data that the broker is working with, each a data directory to start on, all in one directory. Owned by
// Broker. Works on a thread of its own, one thing at a time; calls back there. Does not remove any.
#pragma once

#include "broker/admin/node.hpp"
#include "storage/rocksdb_store.hpp"

#include <boost/asio/thread_pool.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace broker {

class Backups {
 public:
    explicit Backups(std::filesystem::path directory) : directory_(std::move(directory)) {}

    // What is committed before the call is in it. No name: the time.
    void make(storage::LocalStore& store, std::string name, std::function<void(amqp::Result<Backup>)> done);
    void list(std::function<void(std::vector<Backup>)> done); // those that are whole, by name
    void stop();                                              // waits for the one that is being made

 private:
    const std::filesystem::path directory_;
    boost::asio::thread_pool thread_{1};
};

} // namespace broker
