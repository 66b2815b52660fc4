#include "protocol/s3/wire/checksums.h"

#include <array>

#include "engines/base/bytes.h"
#include "engines/base/text.h"
#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {
namespace {

using base::DigestKind;

constexpr std::array kAlgorithms = {
    ChecksumAlgorithm{"CRC64NVME", "x-amz-checksum-crc64nvme", "ChecksumCRC64NVME",
                      DigestKind::kCrc64Nvme, true, false},
    ChecksumAlgorithm{"CRC32", "x-amz-checksum-crc32", "ChecksumCRC32", DigestKind::kCrc32, true,
                      true},
    ChecksumAlgorithm{"CRC32C", "x-amz-checksum-crc32c", "ChecksumCRC32C", DigestKind::kCrc32c,
                      true, true},
    ChecksumAlgorithm{"SHA1", "x-amz-checksum-sha1", "ChecksumSHA1", DigestKind::kSha1, false,
                      true},
    ChecksumAlgorithm{"SHA256", "x-amz-checksum-sha256", "ChecksumSHA256", DigestKind::kSha256,
                      false, true},
    ChecksumAlgorithm{"SHA512", "x-amz-checksum-sha512", "ChecksumSHA512", DigestKind::kSha512,
                      false, true},
    ChecksumAlgorithm{"MD5", "x-amz-checksum-md5", "ChecksumMD5", DigestKind::kMd5, false, true},
};

// Announced by S3 in 2026, not here yet: said so rather than refused as unknown.
constexpr std::array<std::string_view, 3> kNotHereYet = {"XXHASH64", "XXHASH3", "XXHASH128"};

constexpr std::string_view kHeaderPrefix = "x-amz-checksum-";
constexpr std::string_view kUnsupported =
    "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
    "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]";

void refuse_if_not_here_yet(std::string_view header, std::string_view name) {
  for (const std::string_view word : kNotHereYet) {
    if (base::equals_ignoring_case(word, name)) {
      throw not_implemented_header(header, "This checksum algorithm is not implemented");
    }
  }
}

Error invalid_header_value(std::string_view header) {
  return invalid_request("Value for " + std::string(header) + " header is invalid.");
}

// Words that start like a checksum header and are none.
bool is_other_checksum_header(std::string_view lower_name) {
  return lower_name == "x-amz-checksum-algorithm" || lower_name == "x-amz-checksum-type" ||
         lower_name == "x-amz-checksum-mode";
}

void take_header(ChecksumClaim& claim, std::string_view name, std::string_view value) {
  const ChecksumAlgorithm* algorithm = find_checksum_header(name);
  if (algorithm == nullptr) {
    refuse_if_not_here_yet(name, name.substr(kHeaderPrefix.size()));
    throw invalid_request("The algorithm type you specified in x-amz-checksum- header is invalid.");
  }
  if (claim.algorithm != nullptr) {
    throw invalid_request(
        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  }
  claim.algorithm = algorithm;
  claim.value = value;
}

}  // namespace

const ChecksumAlgorithm& default_checksum() { return kAlgorithms[0]; }

const ChecksumAlgorithm* find_checksum(std::string_view name) {
  for (const auto& algorithm : kAlgorithms) {
    if (base::equals_ignoring_case(algorithm.name, name)) return &algorithm;
  }
  return nullptr;
}

const ChecksumAlgorithm* find_checksum_header(std::string_view header) {
  for (const auto& algorithm : kAlgorithms) {
    if (base::equals_ignoring_case(algorithm.header, header)) return &algorithm;
  }
  return nullptr;
}

const ChecksumAlgorithm* find_checksum_element(std::string_view element) {
  for (const auto& algorithm : kAlgorithms) {
    if (algorithm.element == element) return &algorithm;
  }
  return nullptr;
}

bool is_checksum_value(const ChecksumAlgorithm& algorithm, std::string_view value) {
  const auto bytes = base::from_base64(value);
  return bytes && bytes->size() == base::digest_size(algorithm.kind);
}

ChecksumClaim read_checksum_claim(const Call& call) {
  ChecksumClaim claim;
  std::string_view announced;
  std::string_view announced_header;
  std::string_view trailer;
  for (const http::Header& field : call.head.headers) {
    if (field.name.size() < 13 || (field.name[0] | 0x20) != 'x') continue;
    const std::string_view name = field.name;
    if (base::equals_ignoring_case(name, "x-amz-trailer")) {
      trailer = base::trim(field.value);
    } else if (base::equals_ignoring_case(name, "x-amz-sdk-checksum-algorithm")) {
      announced = field.value;
      announced_header = "x-amz-sdk-checksum-algorithm";
    } else if (name.size() > kHeaderPrefix.size() &&
               base::equals_ignoring_case(name.substr(0, kHeaderPrefix.size()), kHeaderPrefix) &&
               !is_other_checksum_header(base::to_lower(name))) {
      take_header(claim, name, field.value);
    }
  }
  if (claim.algorithm == nullptr && !call.query().empty()) {
    for (const auto& parameter : call.query()) {  // presigned with the checksum in the query
      if (find_checksum_header(parameter.name) != nullptr) {
        take_header(claim, parameter.name, parameter.value);
      }
    }
  }
  // Only when it is the only one is it looked at.
  if (claim.algorithm != nullptr && !is_checksum_value(*claim.algorithm, claim.value)) {
    throw invalid_header_value(claim.algorithm->header);
  }
  if (!trailer.empty()) {
    const ChecksumAlgorithm* algorithm = find_checksum_header(trailer);
    if (algorithm == nullptr) {
      throw invalid_request("The value specified in the x-amz-trailer header is not supported");
    }
    if (claim.algorithm != nullptr) {
      throw invalid_request(
          "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
    }
    claim.algorithm = algorithm;
    claim.in_trailer = true;
  }
  if (announced.empty()) return claim;
  const ChecksumAlgorithm* algorithm = find_checksum(announced);
  if (algorithm == nullptr) {
    refuse_if_not_here_yet(announced_header, announced);
    throw invalid_request(std::string(kUnsupported));
  }
  if (claim.algorithm == nullptr) {
    // A presigned PUT promises the algorithm in its query and the value nowhere; only a header
    // counts.
    throw invalid_request(std::string(announced_header) +
                          " specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
                          "headers were found.");
  }
  if (claim.algorithm != algorithm) throw invalid_header_value(announced_header);
  return claim;
}

const ChecksumAlgorithm* read_checksum_algorithm(const Call& call) {
  const auto name = call.find_header("x-amz-checksum-algorithm");
  if (!name) return nullptr;
  const ChecksumAlgorithm* algorithm = find_checksum(*name);
  if (algorithm == nullptr) {
    refuse_if_not_here_yet("x-amz-checksum-algorithm", *name);
    throw invalid_request(std::string(kUnsupported));
  }
  return algorithm;
}

std::string_view checksum_type_name(object::ChecksumType type) {
  switch (type) {
    case object::ChecksumType::kNone: return "";
    case object::ChecksumType::kFullObject: return "FULL_OBJECT";
    case object::ChecksumType::kComposite: return "COMPOSITE";
  }
  return "";
}

void add_checksum_headers(http::Headers& headers, const object::Checksum& checksum) {
  const ChecksumAlgorithm* algorithm = find_checksum(checksum.algorithm);
  if (algorithm == nullptr || checksum.value.empty()) return;
  headers.add(std::string(algorithm->header), checksum.value);
  const std::string_view type = checksum_type_name(checksum.type);
  if (!type.empty()) headers.add("x-amz-checksum-type", std::string(type));
}

void write_checksum(xml::Writer& out, const object::Checksum& checksum) {
  const ChecksumAlgorithm* algorithm = find_checksum(checksum.algorithm);
  if (algorithm == nullptr || checksum.value.empty()) return;
  out.element(algorithm->element, checksum.value);
  const std::string_view type = checksum_type_name(checksum.type);
  if (!type.empty()) out.element("ChecksumType", type);
}

}  // namespace bodega::s3
