#include "server/http/router.h"

#include <algorithm>

#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "protocol/aws/front/recognise.h"
#include "server/http/fault.h"

namespace bodega::server {
namespace {

constexpr std::string_view kHealthPath = "/_bodega/health";

}  // namespace

http::Begun Router::begin(http::RequestHead head) {
  if (plain_ == Plain::kHealthAlone && !head.secure && head.path != kHealthPath) {
    return fault_reply(400, "InvalidRequest", "This port speaks HTTPS only.");
  }
  http::Service* service = find(head);
  if (service == nullptr) {
    http::Reply reply = fault_reply(501, "NotImplemented", "No service here answers this request.");
    reply.close = false;
    return reply;
  }
  http::BrowserGuard::Judgement judgement = guard_.judge(head, service->exposure());
  if (judgement.stranger) report(*judgement.stranger);
  if (!judgement.let_in) return service->refuse(head, judgement.stranger->why);
  head.readable_by = std::move(judgement.readable_by);
  return service->begin(std::move(head));
}

http::Service* Router::find(const http::RequestHead& head) const {
  for (http::Service* service : services_) {
    if (service->claims(head)) return service;
  }
  http::Service* service = find(aws::recognise(head, aws::service_rows()));
  // One that is not switched on is refused as those that are not here.
  return service == nullptr ? find(aws::kUnservedServices) : service;
}

http::Service* Router::find(std::string_view name) const {
  const auto found = std::find_if(services_.begin(), services_.end(),
                                  [name](const http::Service* one) { return one->name() == name; });
  return found == services_.end() ? nullptr : *found;
}

// A page asks again and again: a line for each stranger is enough, and a page that has many names
// must not fill the log or the memory.
void Router::report(const http::BrowserGuard::Stranger& stranger) {
  const base::Lock lock(mutex_);
  if (strangers_.size() > kMaxStrangers) return;
  const bool is_new = strangers_.insert(stranger.name).second;
  if (!is_new) return;
  if (strangers_.size() > kMaxStrangers) {
    log::warn("more web pages are kept out, from here on without a line for each");
    return;
  }
  log::warn("kept out: " + stranger.why);
}

}  // namespace bodega::server
