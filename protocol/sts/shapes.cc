#include "protocol/sts/shapes.h"

#include <algorithm>

namespace bodega::sts::shapes {
namespace {

using enum Shape::Type;

// Letters, digits, the underscore, and these signs.
template <const std::string_view& Signs>
bool is_word_of(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           Signs.find(c) != std::string_view::npos;
  });
}

constexpr std::string_view kNameSigns = "+=,.@-";
constexpr std::string_view kExternalSigns = "+=,.@:/-";
constexpr std::string_view kSerialSigns = "+=/:,.@-";

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

constexpr aws::Pattern kNamePattern{"[\\w+=,.@-]*", is_word_of<kNameSigns>};
constexpr aws::Pattern kExternalPattern{"[\\w+=,.@:\\/-]*", is_word_of<kExternalSigns>};
constexpr aws::Pattern kSerialPattern{"[\\w+=/:,.@-]*", is_word_of<kSerialSigns>};
constexpr aws::Pattern kDigitsPattern{"[\\d]*", is_digits};

constexpr Member kPolicyArnMembers[] = {{"arn", &kArn}};
constexpr Shape kPolicyArn{
    .type = kStructure, .name = "PolicyDescriptorType", .members = kPolicyArnMembers};
constexpr Shape kTagKey{.type = kString, .min_length = 1, .max_length = 128};
constexpr Shape kTagValue{.type = kString, .min_length = 0, .max_length = 256};
constexpr Member kTagMembers[] = {{"Key", &kTagKey, kNotNull}, {"Value", &kTagValue, kNotNull}};
constexpr Shape kTag{.type = kStructure, .name = "Tag", .members = kTagMembers};
constexpr Shape kContext{.type = kStructure, .name = "ProvidedContext"};

}  // namespace

constinit const Shape kArn{.type = kString, .min_length = 20, .max_length = 2048};
constinit const Shape kSessionName{
    .type = kString, .min_length = 2, .max_length = 64, .pattern = &kNamePattern};
constinit const Shape kFederatedName{
    .type = kString, .min_length = 2, .max_length = 32, .pattern = &kNamePattern};
constinit const Shape kPolicy{.type = kString, .min_length = 1, .max_length = 2048};
constinit const Shape kUnrestrictedPolicy{.type = kString, .min_length = 1};
constinit const Shape kPolicyArns{.type = kList, .element = &kPolicyArn};
constinit const Shape kRoleDuration{.type = kInteger, .min_value = 900, .max_value = 43200};
constinit const Shape kTokenDuration{.type = kInteger, .min_value = 900, .max_value = 129600};
constinit const Shape kTags{.type = kList, .element = &kTag, .max_length = 50};
constinit const Shape kTagKeys{.type = kList, .element = &kTagKey, .max_length = 50};
constinit const Shape kExternalId{
    .type = kString, .min_length = 2, .max_length = 1224, .pattern = &kExternalPattern};
constinit const Shape kSerialNumber{
    .type = kString, .min_length = 9, .max_length = 256, .pattern = &kSerialPattern};
constinit const Shape kTokenCode{
    .type = kString, .min_length = 6, .max_length = 6, .pattern = &kDigitsPattern};
constinit const Shape kSourceIdentity{
    .type = kString, .min_length = 2, .max_length = 256, .pattern = &kNamePattern};
constinit const Shape kContexts{
    .type = kList, .element = &kContext, .min_length = 1, .max_length = 5};
constinit const Shape kTokenSize{.type = kInteger, .min_value = 0, .max_value = 4096};

}  // namespace bodega::sts::shapes
