#include "protocol/s3/wire/copy_source.h"

#include <algorithm>

#include "protocol/http/percent.h"
#include "protocol/s3/wire/conditions.h"
#include "protocol/s3/wire/errors.h"
#include "protocol/s3/wire/outcomes.h"

namespace bodega::s3 {
namespace {

constexpr std::size_t kReadBufferBytes = 256 * 1024;
constexpr std::string_view kHeader = "x-amz-copy-source";

void check_source_ownership(const Call& call, const CopySource& source) {
  const auto bucket = call.engine.find_bucket(source.bucket);
  if (!bucket) throw Error(Code::kNoSuchBucket).with("BucketName", source.bucket);
  const auto expected = call.find_header("x-amz-source-expected-bucket-owner");
  if (expected && *expected != bucket->owner) throw Error(Code::kAccessDenied);
  if (call.shared.verifies() && bucket->owner != call.caller.account)
    throw Error(Code::kAccessDenied);
}

}  // namespace

CopySource read_copy_source(const Call& call) {
  const std::string_view header = call.header(kHeader);
  const auto malformed = [header](std::string message) {
    return invalid_argument(std::move(message), kHeader, header);
  };
  CopySource source;
  std::string_view text = header;
  constexpr std::string_view kVersion = "?versionId=";
  if (const std::size_t mark = text.rfind(kVersion); mark != std::string_view::npos) {
    source.version_id = text.substr(mark + kVersion.size());
    text = text.substr(0, mark);
    if (!object::is_version_id(*source.version_id)) {
      throw invalid_argument("Invalid version id specified", kHeader, header);
    }
  }
  // A whole URL of the path style is taken too; its host says nothing.
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::size_t path_start = text.find('/', scheme.size());
    text = path_start == std::string_view::npos ? std::string_view() : text.substr(path_start);
    break;
  }
  // The service reads a plus here as a space, unlike in a path.
  auto decoded = http::percent_decode(text, http::Plus::kSpace);
  if (!decoded || !http::is_utf8(*decoded)) {
    throw malformed("Invalid copy source encoding.");
  }
  std::string_view path = *decoded;
  if (path.starts_with("arn:")) {
    throw not_implemented_header(kHeader, "Access points are not implemented");
  }
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == path.size()) {
    throw invalid_argument("Invalid copy source object key", kHeader, kHeader);
  }
  source.bucket = path.substr(0, slash);
  source.key = path.substr(slash + 1);
  return source;
}

object::Opened open_copy_source(const Call& call, const CopySource& source) {
  check_source_ownership(call, source);
  const std::optional<std::string_view> version_id =
      source.version_id ? std::optional<std::string_view>(*source.version_id) : std::nullopt;
  auto opened = call.engine.open(source.bucket, source.key, version_id);
  if (!opened) {
    if (opened.error().outcome == object::Outcome::kMethodNotAllowed) {
      throw invalid_request(
          "The source of a copy request may not specifically refer to a delete marker by version "
          "id.");
    }
    throw to_error(opened.error(), Subject{source.bucket, source.key, version_id.value_or(""), ""});
  }
  check_copy_conditions(call, opened->version);
  const std::string& storage_class = opened->version.attributes.storage_class;
  if (storage_class == "GLACIER" || storage_class == "DEEP_ARCHIVE") {
    throw Error(Code::kInvalidObjectState,
                "Operation is not valid for the source object's storage class")
        .with("StorageClass", storage_class);
  }
  return *std::move(opened);
}

std::vector<std::string> digest_content(const object::Content& content, std::uint64_t offset,
                                        std::uint64_t length_bytes,
                                        std::span<const base::DigestKind> kinds) {
  std::vector<base::Digest> digests;
  for (const base::DigestKind kind : kinds) digests.emplace_back(kind);
  if (length_bytes > 0) {
    object::ContentReader reader(content, offset, length_bytes);
    std::string buffer(
        static_cast<std::size_t>(std::min<std::uint64_t>(length_bytes, kReadBufferBytes)), '\0');
    while (const std::size_t count = reader.read(buffer)) {
      for (auto& digest : digests) digest.update(std::string_view(buffer.data(), count));
    }
  }
  std::vector<std::string> values;
  for (auto& digest : digests) values.push_back(digest.finish());
  return values;
}

void add_source_version_header(const object::ObjectVersion& source, http::Headers& headers) {
  if (source.versioning != object::Versioning::kUnversioned) {
    headers.add("x-amz-copy-source-version-id", source.version_id);
  }
}

}  // namespace bodega::s3
