// What the operations of multipart uploads share: the upload's checksum and the id.
#pragma once

#include "protocol/s3/wire/call.h"
#include "protocol/s3/wire/checksums.h"

namespace bodega::s3 {

// The uploadId of the request. Throws NoSuchUpload when it is empty.
std::string_view read_upload_id(const Call& call);

// The open upload the request is about.
object::Upload require_upload(const Call& call);

// What an upload's parts and its object are summed with.
struct UploadChecksum {
  const ChecksumAlgorithm* algorithm = nullptr;
  object::ChecksumType type = object::ChecksumType::kFullObject;
  bool asked_for = false;  // at CreateMultipartUpload; else it is our default and shown nowhere
};
UploadChecksum checksum_of(const object::Attributes& attributes);

// Records that the client named no checksum algorithm. The mark is taken off at completion.
void mark_default_checksum(object::Attributes& attributes);
void unmark_default_checksum(object::Attributes& attributes);

}  // namespace bodega::s3
