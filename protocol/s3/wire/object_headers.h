// The attributes of an object on the wire: what PutObject, CopyObject and CreateMultipartUpload say
// in headers, and the headers GetObject and HeadObject answer with.
#pragma once

#include <string_view>

#include "protocol/s3/wire/call.h"

namespace bodega::s3 {

// User metadata, names and values together: 2 KB.
inline constexpr std::size_t kMaxMetadataBytes = 2048;

// Keys of object::Attributes::properties.
inline constexpr std::string_view kTaggingProperty = "tagging";

// Content headers and user metadata of the request (not the etag, not the checksum). Throws
// MetadataTooLarge.
void read_content_attributes(const Call& call, object::Attributes& attributes);

// Storage class, tags, owner; and refuses the headers whose meaning is not there: ACLs
// (AccessControlListNotSupported), customer keys and KMS, Object Lock (NotImplemented). Throws
// InvalidStorageClass, InvalidTag.
void read_storage_attributes(const Call& call, object::Attributes& attributes);

// Last-Modified, ETag, content headers, metadata, version, tag count, …: everything but the length,
// the range and the checksum.
void add_object_headers(const Call& call, const object::ObjectVersion& version,
                        http::Headers& headers);

// x-amz-server-side-encryption: AES256, which S3 says of every object since 2023.
void add_encryption_header(http::Headers& headers);

// x-amz-version-id, where a write made a version.
void add_put_version_header(const object::PutDone& done, http::Headers& headers);

// A storage class as lists show it.
std::string_view shown_storage_class(std::string_view storage_class);

// The request's x-amz-storage-class, checked; empty for STANDARD.
std::string read_storage_class(const Call& call);

}  // namespace bodega::s3
