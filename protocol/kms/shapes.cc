#include "protocol/kms/shapes.h"

#include <algorithm>

namespace bodega::kms::shapes {
namespace {

using enum Shape::Type;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_alias_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_word(c) || c == ':' || c == '/' || c == '-';
  });
}

bool is_policy_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_word);
}

constexpr aws::Pattern kAliasPattern{"^[a-zA-Z0-9:/_-]+$", is_alias_name};
constexpr aws::Pattern kPolicyNamePattern{"[\\w]+", is_policy_name};

constexpr Shape kText{.type = kString};
constexpr Shape kTagKey{.type = kString, .min_length = 1, .max_length = 128};
constexpr Shape kTagValue{.type = kString, .min_length = 0, .max_length = 256};
constexpr Member kTagMembers[] = {{"TagKey", &kTagKey, kNotNull},
                                  {"TagValue", &kTagValue, kNotNull}};
constexpr Shape kTag{.type = kStructure, .name = "Tag", .members = kTagMembers};
constexpr Shape kGrantToken{.type = kString, .min_length = 1, .max_length = 8192};
constexpr Shape kDryRunModifier{.type = kString, .values = "IGNORE_CIPHERTEXT"};

}  // namespace

constinit const Shape kKeyId{.type = kString, .min_length = 1, .max_length = 2048};
constinit const Shape kAliasName{
    .type = kString, .min_length = 1, .max_length = 256, .pattern = &kAliasPattern};
constinit const Shape kDescription{.type = kString, .min_length = 0, .max_length = 8192};
constinit const Shape kPolicy{.type = kString, .min_length = 1, .max_length = 131072};
constinit const Shape kPolicyName{
    .type = kString, .min_length = 1, .max_length = 128, .pattern = &kPolicyNamePattern};
constinit const Shape kTags{.type = kList, .element = &kTag};
constinit const Shape kTagKeys{.type = kList, .element = &kTagKey};
constinit const Shape kFlag{.type = kBoolean};
constinit const Shape kLimit{.type = kInteger, .min_value = 1, .max_value = 1000};
constinit const Shape kMarker{.type = kString, .min_length = 1, .max_length = 1024};
constinit const Shape kGrantTokens{
    .type = kList, .element = &kGrantToken, .min_length = 0, .max_length = 10};
constinit const Shape kRecipient{.type = kStructure, .name = "RecipientInfo"};
constinit const Shape kEncryptionContext{.type = kMap, .element = &kText};
constinit const Shape kPlaintext{
    .type = kBlob, .min_length = 1, .max_length = 4096, .wording = Shape::Wording::kHidden};
constinit const Shape kCiphertext{.type = kBlob, .min_length = 1, .max_length = 6144};
constinit const Shape kNumberOfBytes{.type = kInteger, .min_value = 1, .max_value = 1024};
constinit const Shape kEncryptionAlgorithm{
    .type = kString, .values = "SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256"};
constinit const Shape kDryRunModifiers{.type = kList, .element = &kDryRunModifier};

namespace {

constexpr Member kKeyIdMembers[] = {{"KeyId", &kKeyId, kNotNull}};

}  // namespace

constinit const Shape kKeyIdInput{
    .type = kStructure, .name = "KeyIdRequest", .members = kKeyIdMembers};

}  // namespace bodega::kms::shapes
