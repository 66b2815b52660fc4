// Who the caller is: GetCallerIdentity, GetAccessKeyInfo; and DecodeAuthorizationMessage.
#include <array>

#include "protocol/sts/errors.h"
#include "protocol/sts/operations.h"
#include "protocol/sts/shapes.h"

namespace bodega::sts {
namespace {

void get_caller_identity(const Request& request, xml::Writer& result) {
  result.element("Arn", request.caller.principal_arn())
      .element("UserId", request.caller.user_id())
      .element("Account", request.caller.account);
}

void get_access_key_info(const Request& request, xml::Writer& result) {
  result.element("Account",
                 request.authenticator.account(request.input.find("AccessKeyId").text()));
}

// Such messages come with refusals by a policy. There are none here, so none was ever given out.
void decode_authorization_message(const Request&, xml::Writer&) {
  throw Error(Code::kInvalidAuthorizationMessageException, "Invalid encoded message");
}

using namespace shapes;
using enum Shape::Type;

constexpr Shape kNoInput{.type = kStructure, .name = "GetCallerIdentityRequest"};
constexpr Shape kAccessKeyId{.type = kString, .min_length = 16, .max_length = 128};
constexpr Member kInfoMembers[] = {{"AccessKeyId", &kAccessKeyId, kNotNull}};
constexpr Shape kInfo{
    .type = kStructure, .name = "GetAccessKeyInfoRequest", .members = kInfoMembers};
constexpr Shape kMessage{.type = kString, .min_length = 1, .max_length = 10240};
constexpr Member kDecodeMembers[] = {{"EncodedMessage", &kMessage, kNotNull}};
constexpr Shape kDecode{
    .type = kStructure, .name = "DecodeAuthorizationMessageRequest", .members = kDecodeMembers};

constexpr std::array kRows{
    Operation{{"DecodeAuthorizationMessage", &kDecode}, decode_authorization_message},
    Operation{{"GetAccessKeyInfo", &kInfo}, get_access_key_info},
    Operation{{"GetCallerIdentity", &kNoInput}, get_caller_identity},
};

}  // namespace

std::span<const Operation> caller_operations() { return kRows; }

}  // namespace bodega::sts
