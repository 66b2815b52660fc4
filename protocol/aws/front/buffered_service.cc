#include "protocol/aws/front/buffered_service.h"

#include <algorithm>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/random.h"

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

  http::Reply finish(const http::Headers&) override {
    return too_large_ ? service_.too_large() : service_.handle(head_, std::move(body_));
  }

 private:
  BufferedService& service_;
  http::RequestHead head_;
  std::string body_;
  bool too_large_ = false;
};

http::Exposure BufferedService::exposure() const {
  return front_.authenticator.mode() == Authenticator::Mode::kVerify ? http::Exposure::kSigned
                                                                     : http::Exposure::kNothing;
}

http::Begun BufferedService::collect(http::RequestHead head) {
  if (head.content_length.value_or(0) > profile_.max_body_bytes) return too_large();
  return std::make_unique<Sink>(*this, std::move(head));
}

std::string make_uuid() {
  std::string bytes;
  base::put_u64(bytes, base::random_u64());
  base::put_u64(bytes, base::random_u64());
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  std::string uuid = base::to_hex(bytes);
  for (const std::size_t place : {8U, 13U, 18U, 23U}) uuid.insert(place, 1, '-');
  return uuid;
}

}  // namespace bodega::aws
