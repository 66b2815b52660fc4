#include "server/http/fault.h"

#include <string>

namespace bodega::server {

http::Reply fault_reply(int status, std::string_view code, std::string_view message) {
  http::Reply reply;
  reply.status = status;
  reply.headers.add("Content-Type", "application/xml");
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>";
  body.append(code).append("</Code><Message>").append(message).append("</Message></Error>");
  reply.body = std::move(body);
  reply.close = true;
  reply.service = "http";
  reply.operation = code;
  reply.error_code = code;
  return reply;
}

http::Reply fault_reply(const HttpParser::Fault& fault) {
  return fault_reply(fault.status, fault.code, fault.message);
}

http::Reply slow_client_reply() {
  return fault_reply(400, "RequestTimeout",
                     "Your socket connection to the server was not read from or written to within "
                     "the timeout period. Idle connections will be closed.");
}

http::Reply internal_error_reply() {
  return fault_reply(500, "InternalError", "We encountered an internal error. Please try again.");
}

}  // namespace bodega::server
