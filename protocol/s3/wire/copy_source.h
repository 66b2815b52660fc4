// The source of CopyObject and UploadPartCopy: x-amz-copy-source and the version it names.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engines/base/digest.h"
#include "protocol/s3/wire/call.h"

namespace bodega::s3 {

// S3's limit of what one copy takes: 5 GiB.
inline constexpr std::uint64_t kMaxCopyBytes = 5ULL * 1024 * 1024 * 1024;

struct CopySource {
  std::string bucket;
  std::string key;
  std::optional<std::string> version_id;
};

// "bucket/key?versionId=…", percent-encoded once, with or without a leading slash or
// "http://host" before it. Throws InvalidArgument.
CopySource read_copy_source(const Call& call);

// The source, found and with its conditions checked. Throws NoSuchBucket, NoSuchKey, AccessDenied,
// PreconditionFailed, InvalidRequest for a delete marker.
object::Opened open_copy_source(const Call& call, const CopySource& source);

// Digests of [offset, offset + length) of stored bytes, read once.
std::vector<std::string> digest_content(const object::Content& content, std::uint64_t offset,
                                        std::uint64_t length_bytes,
                                        std::span<const base::DigestKind> kinds);

// x-amz-copy-source-version-id, where the source's bucket has versions.
void add_source_version_header(const object::ObjectVersion& source, http::Headers& headers);

}  // namespace bodega::s3
