// The checksum algorithms of S3 and what a request says about its body's checksum: in a header, in
// a trailer, or as a parameter of a presigned URL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engines/base/digest.h"
#include "engines/object/model.h"
#include "protocol/http/headers.h"
#include "protocol/s3/wire/call.h"
#include "protocol/xml/writer.h"

namespace bodega::s3 {

struct ChecksumAlgorithm {
  std::string_view name;     // "CRC32", as in x-amz-checksum-algorithm
  std::string_view header;   // "x-amz-checksum-crc32"
  std::string_view element;  // "ChecksumCRC32"
  base::DigestKind kind;
  bool full_object;  // may be of type FULL_OBJECT in a multipart upload
  bool composite;    // may be of type COMPOSITE
};

// The algorithm where the client names none.
const ChecksumAlgorithm& default_checksum();
// By name, without regard to case, or nullptr.
const ChecksumAlgorithm* find_checksum(std::string_view name);
// By header, or nullptr.
const ChecksumAlgorithm* find_checksum_header(std::string_view header);
// By the name of the XML element, e.g. "ChecksumCRC32"; nullptr for any other element.
const ChecksumAlgorithm* find_checksum_element(std::string_view element);

struct ChecksumClaim {
  const ChecksumAlgorithm* algorithm = nullptr;  // nullptr: nothing was said
  std::string value;                             // base64, as sent in a header; empty: in a trailer
  bool in_trailer = false;
};

// What the request claims. Throws InvalidRequest for two checksums, unknown algorithms, values that
// cannot be of the algorithm, and an announced checksum that is not there.
ChecksumClaim read_checksum_claim(const Call& call);

// The algorithm of x-amz-checksum-algorithm (CreateMultipartUpload, CopyObject), or nullptr. Throws
// InvalidRequest.
const ChecksumAlgorithm* read_checksum_algorithm(const Call& call);

// Whether `value` is base64 of as many bytes as the algorithm has.
bool is_checksum_value(const ChecksumAlgorithm& algorithm, std::string_view value);

std::string_view checksum_type_name(object::ChecksumType type);

// x-amz-checksum-… and x-amz-checksum-type.
void add_checksum_headers(http::Headers& headers, const object::Checksum& checksum);
// <ChecksumCRC32>…</ChecksumCRC32>, and <ChecksumType> when it has one.
void write_checksum(xml::Writer& out, const object::Checksum& checksum);

}  // namespace bodega::s3
