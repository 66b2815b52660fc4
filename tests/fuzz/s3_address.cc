// Bucket and key out of a path (first line) and a Host field.
#include <array>
#include <string>

#include "engines/base/check.h"
#include "protocol/s3/wire/address.h"
#include "protocol/s3/wire/errors.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

void run(std::string_view bytes) {
  static const s3::Addressing addressing({"s3.example.test"});
  http::RequestHead head;
  head.path = "/" + std::string(take_line(bytes));
  head.headers.add("Host", std::string(bytes));
  try {
    const s3::Address address = addressing.read(head);
    BODEGA_CHECK(address.key.size() <= s3::kMaxKeyBytes);
    s3::is_valid_bucket_name(address.bucket);
  } catch (const s3::Error&) {
  }
  s3::is_valid_bucket_name(bytes);
}

constexpr std::array<std::string_view, 5> kSeeds{
    "bucket/a%2Fb//../c\nlocalhost:4566",
    "key%20with%20blanks\nbucket.s3.localhost",
    "k\nbucket.with.dots.s3.eu-west-1.amazonaws.com:443",
    "%ff%zz\n[::1]:80",
    "\nbucket.s3.example.test",
};

}  // namespace

const Target kS3Address{"s3_address", run, kSeeds};

}  // namespace bodega::fuzz
