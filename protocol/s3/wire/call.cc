#include "protocol/s3/wire/call.h"

#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/random.h"
#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {
namespace {

constexpr std::size_t kRequestIdCharacters = 16;
constexpr std::size_t kHostIdBytes = 56;

// 16 characters, as S3's request ids have.
std::string make_request_id() {
  return base::random_string(kRequestIdCharacters, "0123456789ABCDEFGHJKMNPQRSTVWXYZ");
}

std::string make_host_id() {
  std::string bytes;
  bytes.reserve(kHostIdBytes);
  while (bytes.size() < kHostIdBytes) base::put_u64(bytes, base::random_u64());
  return base::to_base64(bytes);
}

}  // namespace

Request::Request(const Shared& shared_state, http::RequestHead request_head)
    : shared(shared_state),
      head(std::move(request_head)),
      headers_as_sent(head.headers.fields().size()),
      host_id(make_host_id()) {
  exchange.service = "s3";
  exchange.request_id = make_request_id();
}

Call::Call(Request request, const Operation& row, Identified identified)
    : Request(std::move(request)),
      operation(row),
      caller(std::move(identified.caller)),
      payload(std::move(identified.payload)),
      chunk_signing(std::move(identified.chunk_signing)),
      world(std::move(identified.world)),
      engine(*world.engine) {
  exchange.caller = caller.access_key_id;
  exchange.account = caller.account;
  exchange.region = caller.region;
  exchange.started_us = world.clock->now_us();
}

const std::shared_ptr<const object::Bucket>& Call::find_bucket() const {
  if (!found_bucket_) found_bucket_ = engine.find_bucket(bucket);
  return *found_bucket_;
}

const std::shared_ptr<const object::Bucket>& Call::require_bucket() const {
  if (!find_bucket()) throw Error(Code::kNoSuchBucket).with("BucketName", bucket);
  return *found_bucket_;
}

std::string canonical_id(std::string_view account) {
  return base::to_hex(base::sha256(std::string("canonical user of account ").append(account)));
}

}  // namespace bodega::s3
