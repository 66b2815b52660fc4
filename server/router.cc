#include "server/router.h"

#include "server/http_fault.h"

namespace bodega::server {

http::Begun Router::begin(http::RequestHead head) {
  for (http::Service* service : services_) {
    if (service->claims(head)) return service->begin(std::move(head));
  }
  http::Reply reply = fault_reply(501, "NotImplemented", "No service here answers this request.");
  reply.close = false;
  return reply;
}

}  // namespace bodega::server
