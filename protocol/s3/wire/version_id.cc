#include "protocol/s3/wire/version_id.h"

#include "protocol/s3/wire/errors.h"

namespace bodega::s3 {

void check_version_id(std::string_view version_id) {
  if (version_id.empty()) {
    throw invalid_argument("Version id cannot be the empty string", "versionId", version_id);
  }
  if (!object::is_version_id(version_id)) {
    throw invalid_argument("Invalid version id specified", "versionId", version_id);
  }
}

std::optional<std::string_view> read_version_id(const Call& call) {
  const auto version_id = call.query().get("versionId");
  if (!version_id) return version_id;
  check_version_id(*version_id);
  if (*version_id == object::kNullVersion) return version_id;
  // Without versioning no id but "null" was ever given to anyone.
  const auto bucket = call.find_bucket();
  if (bucket && bucket->versioning == object::Versioning::kUnversioned) {
    throw invalid_argument("Invalid version id specified", "versionId", *version_id);
  }
  return version_id;
}

}  // namespace bodega::s3
