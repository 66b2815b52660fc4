// The health checks of the servers that Bodega stands in for, at their own paths: MinIO's
// /minio/health/…, and GET / on DynamoDB Local's port, whose answer, an error, is what scripts wait
// for. Only unsigned requests for just these paths are taken, so that a bucket called minio keeps
// its objects.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/http/message.h"

namespace bodega::server {

class PeerHealth final : public http::Service {
 public:
  static constexpr std::uint16_t kDynamodbLocalPort = 8000;

  // What keeps the stores from taking writes; nothing when all is well.
  using Fault = std::function<std::optional<std::string>()>;
  using IsBucketHost = std::function<bool(std::string_view host)>;

  PeerHealth(Fault fault, IsBucketHost is_bucket_host)
      : fault_(std::move(fault)), is_bucket_host_(std::move(is_bucket_host)) {}

  std::string_view name() const override { return "control"; }
  bool claims(const http::RequestHead& head) const override;
  http::Begun begin(http::RequestHead head) override;

 private:
  const Fault fault_;
  const IsBucketHost is_bucket_host_;
};

}  // namespace bodega::server
