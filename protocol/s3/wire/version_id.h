// The versionId of a request.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/s3/wire/call.h"

namespace bodega::s3 {

// Absent, "null" or a well-formed id in a bucket that has versions.
// Throws InvalidArgument.
std::optional<std::string_view> read_version_id(const Call& call);
void check_version_id(std::string_view version_id);

}  // namespace bodega::s3
