#include "protocol/redis/rdb/footer.h"

#include "engines/base/crc.h"
#include "protocol/redis/rdb/primitives.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kVersionBytes = 2;
constexpr std::size_t kFooterBytes = kVersionBytes + 8;

}  // namespace

void put_footer(std::string& payload, unsigned version) {
  put_little_endian(payload, version, kVersionBytes);
  put_little_endian(payload, base::crc64redis(payload), 8);
}

std::optional<std::string_view> checked_body(std::string_view payload) {
  if (payload.size() < kFooterBytes) return std::nullopt;
  const std::string_view body = payload.substr(0, payload.size() - kFooterBytes);
  const std::string_view checked = payload.substr(0, body.size() + kVersionBytes);
  const auto version = read_little_endian(checked.substr(body.size()));
  if (version > kNewestRdbVersion) return std::nullopt;
  if (read_little_endian(payload.substr(checked.size())) != base::crc64redis(checked)) {
    return std::nullopt;
  }
  return body;
}

}  // namespace bodega::redis
