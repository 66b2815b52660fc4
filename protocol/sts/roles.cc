// Sessions of roles: AssumeRole and AssumeRoleWithWebIdentity. There are no trust policies to ask,
// so every role may be assumed. Where signatures are verified, that ends at the caller's own
// account, and a token that cannot be verified gives nothing.
#include <array>

#include "protocol/aws/shape/members.h"
#include "protocol/sts/errors.h"
#include "protocol/sts/operations.h"
#include "protocol/sts/role.h"
#include "protocol/sts/session.h"
#include "protocol/sts/shapes.h"
#include "protocol/sts/web_token.h"

namespace bodega::sts {
namespace {

constexpr std::int64_t kDefaultRoleSeconds = 3600;
constexpr std::int64_t kMaxChainedSeconds = 3600;

bool is_role_session(const aws::Caller& caller) {
  return caller.is_session() && caller.principal_arn().find(":assumed-role/") != std::string::npos;
}

std::int64_t read_duration(const Request& request) {
  return aws::integer_member(request.input, "DurationSeconds").value_or(kDefaultRoleSeconds);
}

// A source identity stays with all sessions that follow from the first.
std::string read_source_identity(const Request& request) {
  std::string asked(aws::string_or(request.input, "SourceIdentity", ""));
  const auto session = request.engine.find_session(request.caller.access_key_id);
  if (!session || session->source_identity.empty()) return asked;
  if (!asked.empty() && asked != session->source_identity) {
    throw Error(Code::kAccessDenied, "The source identity of the calling session is " +
                                         session->source_identity + " and cannot be changed.");
  }
  return session->source_identity;
}

// The session, and what of the reply both operations have.
void start_role_session(const Request& request, const Role& role, std::string source_identity,
                        xml::Writer& result) {
  const std::uint64_t packed_percent = check_policies(request);
  const std::string_view name = request.input.find("RoleSessionName").text();
  NewSession asked;
  asked.account = role.account;
  asked.arn = role.session_arn(name);
  asked.user_id = role.id() + ":" + std::string(name);
  asked.source_identity = source_identity;
  asked.duration_s = read_duration(request);
  const identity::Session session = start_session(request, asked);
  write_credentials(result, session);
  result.open("AssumedRoleUser")
      .element("AssumedRoleId", session.user_id)
      .element("Arn", session.arn)
      .close();
  if (packed_percent > 0) result.number("PackedPolicySize", packed_percent);
  if (!source_identity.empty()) result.element("SourceIdentity", source_identity);
}

void assume_role(const Request& request, xml::Writer& result) {
  refuse_unimplemented(request);
  refuse_mfa(request);
  const Role role =
      read_role(request.input.find("RoleArn").text(), request.caller.principal_arn(), "AssumeRole");
  if (verifies(request) && role.account != request.caller.account) {
    throw not_authorized(request.caller.principal_arn(), "AssumeRole", role.arn);
  }
  check_tags(request);
  if (is_role_session(request.caller) && read_duration(request) > kMaxChainedSeconds) {
    throw validation(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
        "chaining");
  }
  start_role_session(request, role, read_source_identity(request), result);
}

void assume_role_with_web_identity(const Request& request, xml::Writer& result) {
  refuse_unimplemented(request);
  const WebToken token =
      read_web_token(request.input.find("WebIdentityToken").text(), request.clock.now_s());
  if (verifies(request)) {
    throw Error(Code::kIDPCommunicationError,
                "The token cannot be verified: identity providers are not asked by this server.");
  }
  const Role role =
      read_role(request.input.find("RoleArn").text(), token.subject, "AssumeRoleWithWebIdentity");
  start_role_session(request, role, token.source_identity, result);
  result.element("SubjectFromWebIdentityToken", token.subject)
      .element("Provider", token.issuer)
      .element("Audience", token.audience);
}

using namespace shapes;
using enum Shape::Type;

constexpr Shape kWebToken{
    .type = kString, .min_length = 4, .max_length = 20000, .wording = Shape::Wording::kHidden};
constexpr Shape kProviderId{.type = kString, .min_length = 4, .max_length = 2048};
constexpr Member kAssumeMembers[] = {
    {"RoleArn", &kArn, kNotNull},
    {"RoleSessionName", &kSessionName, kNotNull},
    {"PolicyArns", &kPolicyArns},
    {"Policy", &kUnrestrictedPolicy},
    {"DurationSeconds", &kRoleDuration},
    {"Tags", &kTags},
    {"TransitiveTagKeys", &kTagKeys},
    {"ExternalId", &kExternalId},
    {"SerialNumber", &kSerialNumber},
    {"TokenCode", &kTokenCode},
    {"SourceIdentity", &kSourceIdentity},
    {"ProvidedContexts", &kContexts},
    {"MinimumSessionTokenSize", &kTokenSize},
};
constexpr Shape kAssume{.type = kStructure, .name = "AssumeRoleRequest", .members = kAssumeMembers};
constexpr Member kWebMembers[] = {
    {"RoleArn", &kArn, kNotNull},
    {"RoleSessionName", &kSessionName, kNotNull},
    {"WebIdentityToken", &kWebToken, kNotNull},
    {"ProviderId", &kProviderId},
    {"PolicyArns", &kPolicyArns},
    {"Policy", &kPolicy},
    {"DurationSeconds", &kRoleDuration},
    {"MinimumSessionTokenSize", &kTokenSize},
};
constexpr Shape kWeb{
    .type = kStructure, .name = "AssumeRoleWithWebIdentityRequest", .members = kWebMembers};

constexpr std::array kRows{
    Operation{{"AssumeRole", &kAssume}, assume_role},
    Operation{{"AssumeRoleWithWebIdentity", &kWeb, aws::OperationRow::Access::kAnyone},
              assume_role_with_web_identity},
};

}  // namespace

std::span<const Operation> role_operations() { return kRows; }

}  // namespace bodega::sts
