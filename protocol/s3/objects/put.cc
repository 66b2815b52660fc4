// Writing one object: PutObject (and PostObject, as far as saying that it is not there). The body
// streams to the engine while its digests are taken; the object exists only when everything that
// was promised about the body has been found true.
#include <array>

#include "engines/base/bytes.h"
#include "protocol/aws/error.h"
#include "protocol/s3/operations.h"
#include "protocol/s3/wire/checksums.h"
#include "protocol/s3/wire/conditions.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/object_headers.h"
#include "protocol/s3/wire/outcomes.h"
#include "protocol/s3/wire/reply.h"

namespace bodega::s3 {
namespace {

class PutObject final : public Consumer {
 public:
  PutObject(Call& call, object::Put put)
      : call_(call), put_(std::move(put)), writer_(call.engine.begin_write()) {}

  BodyNeeds needs() const override { return {.md5 = true, .checksum = default_checksum().name}; }

  void write(std::string_view bytes) override { writer_.write(bytes); }

  http::Reply finish(Received received) override {
    put_.attributes.etag = base::to_hex(received.md5);
    put_.attributes.checksum = std::move(received.checksum);
    put_.attributes.checksum.type = object::ChecksumType::kFullObject;
    const auto done = value_or_throw(call_.engine.put(put_, writer_.finish()), call_);
    http::Reply reply = empty_reply(200);
    reply.headers.add("ETag", quote_etag(put_.attributes.etag));
    add_checksum_headers(reply.headers, put_.attributes.checksum);
    add_encryption_header(reply.headers);
    add_put_version_header(done, reply.headers);
    return reply;
  }

 private:
  Call& call_;
  object::Put put_;
  object::DataWriter writer_;
};

std::unique_ptr<Consumer> put_object(Call& call) {
  if (call.query().has("partNumber")) {
    throw invalid_argument("This operation does not accept partNumber without uploadId.",
                           "partNumber", call.param("partNumber"));
  }
  call.require_bucket();
  object::Put put;
  put.bucket = call.bucket;
  put.key = call.key;
  put.conditions = read_write_conditions(call);
  read_content_attributes(call, put.attributes);
  read_storage_attributes(call, put.attributes);
  return std::make_unique<PutObject>(call, std::move(put));
}

// Form uploads are not implemented; S3 refuses every other POST to a bucket.
http::Reply post_object(Call& call, std::string_view) {
  if (call.header("content-type").starts_with("multipart/form-data")) {
    throw Error(Code::kNotImplemented, aws::not_implemented_message("PostObject"));
  }
  throw precondition_failed("Bucket POST must be of the enclosure-type multipart/form-data");
}

constexpr std::array kOperations = {
    Operation{.name = "PutObject",
              .method = "PUT",
              .level = Level::kObject,
              .digest_text = DigestText::kHex,
              .stream = put_object},
    Operation{.name = "PostObject",
              .method = "POST",
              .level = Level::kBucket,
              .handler = post_object,
              .refuses_only = true},
};

}  // namespace

std::span<const Operation> put_operations() { return kOperations; }

}  // namespace bodega::s3
