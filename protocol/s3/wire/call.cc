#include "protocol/s3/wire/call.h"

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {

std::shared_ptr<const object::Bucket> Call::require_bucket() const {
  auto found = engine->find_bucket(bucket);
  if (!found) throw Error(Code::kNoSuchBucket).with("BucketName", bucket);
  return found;
}

std::string canonical_id(std::string_view account) {
  return base::to_hex(base::sha256(std::string("canonical user of account ").append(account)));
}

}  // namespace bodega::s3
