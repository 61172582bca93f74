// How a connection begins on a socket that comes from the HTTP server.
#pragma once

#include "broker/net/connection.hpp"
#include "broker/net/io_thread.hpp"
#include "broker/net/upgraded_socket.hpp"

namespace broker {

// Makes a Connection of it on `thread`. Called on the thread that it comes from.
void begin_connection(UpgradedSocket upgraded, IoThread& thread, ConnectionHost& host);

} // namespace broker
