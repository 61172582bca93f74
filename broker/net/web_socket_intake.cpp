#include "broker/net/web_socket_intake.hpp"

#include <memory>
#include <utility>

namespace broker {

void begin_connection(UpgradedSocket upgraded, IoThread& thread, ConnectionHost& host) {
    boost::system::error_code error;
    const boost::asio::generic::stream_protocol protocol(upgraded.socket.local_endpoint(error).protocol());
    const int descriptor = upgraded.socket.release(error);
    if (error) {
        return;
    }
    const auto socket = std::make_shared<StreamSocket>(thread.context(), protocol, descriptor);
    std::unique_ptr<TlsStream> tls;
    if (upgraded.session) {
        tls = std::make_unique<TlsStream>(*upgraded.tls, descriptor, std::move(upgraded.session));
    }
    const auto stream = std::make_shared<Stream>(descriptor, std::move(tls));
    thread.post([socket, stream, &thread, &host] {
        const SocketEnds ends = ends_of(*socket);
        std::make_shared<Connection>(std::move(*socket), std::move(*stream), ends, thread, host)->start();
    });
}

} // namespace broker
