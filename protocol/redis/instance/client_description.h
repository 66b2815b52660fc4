// What CLIENT commands and HELLO share: names of clients, and the line that describes one.
#pragma once

#include <string>
#include <string_view>

namespace bodega::redis {

class Session;

// Throws unless all characters are printable and none is a space.
void check_client_name(std::string_view name);

// "id=3 addr=127.0.0.1:4242 ...", as in CLIENT LIST, without a line end.
std::string describe_client(Session& session);

}  // namespace bodega::redis
