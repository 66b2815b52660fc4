// The engine's refusals in S3's words.
#pragma once

#include "protocol/s3/wire/call.h"
#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {

// What a refusal is about, where it is not the call's own bucket and key.
struct Subject {
  std::string_view bucket;
  std::string_view key;
  std::string_view version_id = {};
  std::string_view upload_id = {};
};

Error to_error(const object::Refusal& refusal, const Subject& subject);
// About the call's own bucket, key, versionId and uploadId.
Error to_error(const object::Refusal& refusal, const Call& call);

// The value of a result, or its refusal thrown as an Error.
template <class T>
T value_or_throw(object::Result<T> result, const Call& call) {
  if (!result) throw to_error(result.error(), call);
  return *std::move(result);
}
inline void throw_refusal(const object::Result<void>& result, const Call& call) {
  if (!result) throw to_error(result.error(), call);
}

}  // namespace bodega::s3
