// Which bucket and key a request names: from the Host header (virtual-host style) or from the path
// (path style). Keys are decoded once and never normalised: "a/../b", "//" and "." are keys.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/http/message.h"

namespace bodega::s3 {

// S3's limit for a key, in bytes of UTF-8.
inline constexpr std::size_t kMaxKeyBytes = 1024;

struct Address {
  std::string bucket;  // empty: the request is to the service itself
  std::string key;     // empty: to the bucket
  bool virtual_host = false;
};

class Addressing {
 public:
  // `domains`: further names of this server under which `bucket.<domain>` is the bucket's host,
  // e.g. "s3.example.test". The usual ones (localhost, localhost.localstack.cloud, amazonaws.com
  // with their s3 forms) are known.
  explicit Addressing(std::vector<std::string> domains);

  // Throws InvalidURI for a path that is not percent-encoded UTF-8, KeyTooLongError.
  Address read(const http::RequestHead& head) const;

  // The bucket a host names, or empty for path style.
  std::string bucket_of_host(std::string_view host) const;

 private:
  std::vector<std::string> domains_;  // lower case, longest first
};

// Whether a bucket of that name may be created (the rules of "Bucket naming rules" for general
// purpose buckets).
bool is_valid_bucket_name(std::string_view name);

// The host of a request without what is not a name or port; "localhost" when there is none.
std::string_view host_of(const http::RequestHead& head);

}  // namespace bodega::s3
