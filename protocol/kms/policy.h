// Key policies: the default one, and whether a document has the form of one. Nothing is decided by
// them yet.
#pragma once

#include <string>
#include <string_view>

namespace bodega::kms {

// The policy of a key that was given none, as the service writes it.
std::string default_policy(std::string_view account);

// Throws MalformedPolicyDocumentException, or LimitExceededException for a long one.
void check_policy(std::string_view document);

}  // namespace bodega::kms
