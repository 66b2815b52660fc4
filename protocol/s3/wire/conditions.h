// Conditional requests: If-Match and the like on reads, on writes, and on the source of a copy.
#pragma once

#include "protocol/s3/wire/call.h"

namespace bodega::s3 {

// Whether `etag` is in a list such as `"a", W/"b"` or `*`. Quotes are optional.
bool etag_list_matches(std::string_view list, std::string_view etag);

// Checks the conditions of GetObject and HeadObject in the order of RFC 7232. Throws
// PreconditionFailed, or NotModified with the headers a 304 carries. Dates that cannot be read or
// lie in the future are ignored.
void check_read_conditions(const Call& call, const object::ObjectVersion& version);

// The x-amz-copy-source-if-* headers against the source. Throws PreconditionFailed.
void check_copy_conditions(const Call& call, const object::ObjectVersion& source);

// If-Match and If-None-Match of PutObject, CompleteMultipartUpload and CopyObject. S3 takes
// If-None-Match only as "*" and If-Match only as one etag; throws NotImplemented for anything else.
object::Conditions read_write_conditions(const Call& call);

// If-Match of DeleteObject; throws NotImplemented for the forms general purpose buckets do not
// have.
object::Conditions read_delete_conditions(const Call& call);

}  // namespace bodega::s3
