// Sessions of the caller: GetSessionToken and GetFederationToken.
#include <array>

#include "protocol/aws/shape/members.h"
#include "protocol/sts/errors.h"
#include "protocol/sts/operations.h"
#include "protocol/sts/session.h"
#include "protocol/sts/shapes.h"

namespace bodega::sts {
namespace {

constexpr std::int64_t kDefaultTokenSeconds = 43'200;

void refuse_sessions(const Request& request, std::string_view operation) {
  if (!request.caller.is_session()) return;
  throw Error(Code::kAccessDenied,
              "Cannot call " + std::string(operation) + " with session credentials");
}

std::int64_t read_duration(const Request& request) {
  return aws::integer_member(request.input, "DurationSeconds").value_or(kDefaultTokenSeconds);
}

void get_session_token(const Request& request, xml::Writer& result) {
  refuse_sessions(request, "GetSessionToken");
  refuse_unimplemented(request);
  refuse_mfa(request);
  NewSession asked;
  asked.account = request.caller.account;
  asked.arn = request.caller.principal_arn();
  asked.user_id = request.caller.user_id();
  asked.duration_s = read_duration(request);
  write_credentials(result, start_session(request, asked));
}

void get_federation_token(const Request& request, xml::Writer& result) {
  refuse_sessions(request, "GetFederationToken");
  refuse_unimplemented(request);
  const std::uint64_t packed_percent = check_policies(request);
  check_tags(request);
  const std::string name(request.input.find("Name").text());
  NewSession asked;
  asked.account = request.caller.account;
  asked.arn = "arn:aws:sts::" + asked.account + ":federated-user/" + name;
  asked.user_id = asked.account + ":" + name;
  asked.duration_s = read_duration(request);
  const identity::Session session = start_session(request, asked);
  write_credentials(result, session);
  result.open("FederatedUser")
      .element("FederatedUserId", session.user_id)
      .element("Arn", session.arn)
      .close();
  result.number("PackedPolicySize", packed_percent);
}

using namespace shapes;
using enum Shape::Type;

constexpr Member kSessionMembers[] = {
    {"DurationSeconds", &kTokenDuration},
    {"SerialNumber", &kSerialNumber},
    {"TokenCode", &kTokenCode},
    {"MinimumSessionTokenSize", &kTokenSize},
};
constexpr Shape kSessionToken{
    .type = kStructure, .name = "GetSessionTokenRequest", .members = kSessionMembers};
constexpr Member kFederationMembers[] = {
    {"Name", &kFederatedName, kNotNull},
    {"Policy", &kPolicy},
    {"PolicyArns", &kPolicyArns},
    {"DurationSeconds", &kTokenDuration},
    {"Tags", &kTags},
    {"MinimumSessionTokenSize", &kTokenSize},
};
constexpr Shape kFederation{
    .type = kStructure, .name = "GetFederationTokenRequest", .members = kFederationMembers};

constexpr std::array kRows{
    Operation{{"GetFederationToken", &kFederation}, get_federation_token},
    Operation{{"GetSessionToken", &kSessionToken}, get_session_token},
};

}  // namespace

std::span<const Operation> token_operations() { return kRows; }

}  // namespace bodega::sts
