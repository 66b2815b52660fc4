#include "protocol/aws/front/buffered_service.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "engines/base/check.h"
#include "protocol/aws/front/background.h"

namespace bodega::aws {

namespace {

constexpr std::uint64_t kFirstReserveBytes = 256 * 1024;

}  // namespace

// Collects the body, which every operation needs whole.
class BufferedService::Sink : public http::BodySink {
 public:
  Sink(BufferedService& service, http::RequestHead head)
      : service_(service), head_(std::move(head)) {
    // What a head promises is not yet memory: larger bodies grow as they come.
    body_.reserve(std::min<std::uint64_t>(head_.content_length.value_or(0), kFirstReserveBytes));
  }

  Flow write(std::string_view bytes) override {
    if (body_.size() + bytes.size() > service_.profile().max_body_bytes) {
      too_large_ = true;
      return Flow::kStop;
    }
    body_.append(bytes);
    return Flow::kMore;
  }

  Flow end() override {
    base::Executor* executor = service_.front().executor;
    if (executor == nullptr || !service_.takes_long(head_)) return Flow::kMore;
    reply_.start(*executor, [&service = service_, head = std::move(head_),
                             body = std::move(body_)] { return service.handle(head, body); });
    return Flow::kWait;
  }

  void resume(std::function<void()> ready) override { reply_.resume(std::move(ready)); }

  http::Reply finish(const http::Headers&) override {
    if (reply_.has_started()) return reply_.take();
    return too_large_ ? service_.too_large() : service_.handle(head_, std::move(body_));
  }

 private:
  BufferedService& service_;
  http::RequestHead head_;
  std::string body_;
  bool too_large_ = false;
  BackgroundReply reply_;
};

http::Exposure BufferedService::exposure() const {
  return front_.authenticator.mode() == Authenticator::Mode::kVerify ? http::Exposure::kSigned
                                                                     : http::Exposure::kNothing;
}

http::Begun BufferedService::collect(http::RequestHead head) {
  if (head.content_length.value_or(0) > profile_.max_body_bytes) return too_large();
  return std::make_unique<Sink>(*this, std::move(head));
}

void BufferedService::require_errors(const AuthErrors& auth,
                                     std::initializer_list<std::string_view> others) const {
  const auto require = [this](std::string_view name) {
    BODEGA_CHECK(profile_.catalogue.find(name) != nullptr);
  };
  for (const std::string_view name :
       {auth.missing, auth.incomplete, auth.wrong, auth.unknown_key, auth.expired_token}) {
    require(name);
  }
  for (const std::string_view name : others) require(name);
  require(profile_.internal_error);
}

}  // namespace bodega::aws
