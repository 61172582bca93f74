// Values as Erlang prints them: parts of RabbitMQ's error texts.
#pragma once

#include <string>
#include <string_view>

namespace broker {

// <<"foo">>, or <<1,2>> if it has octets that cannot be printed.
std::string erlang_binary(std::string_view text);

} // namespace broker
