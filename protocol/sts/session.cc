#include "protocol/sts/session.h"

#include <set>

#include "engines/base/bytes.h"
#include "engines/base/random.h"
#include "engines/base/text.h"
#include "protocol/aws/shape/members.h"
#include "protocol/aws/signature/access_key.h"
#include "protocol/http/dates.h"
#include "protocol/sts/errors.h"

namespace bodega::sts {
namespace {

constexpr std::size_t kSecretLength = 40;
constexpr std::size_t kTokenBytes = 192;
constexpr std::int64_t kSecondUs = 1'000'000;
// The room for policies, in characters.
constexpr std::uint64_t kMaxPackedBytes = 2048;

void check_policy(std::string_view policy) {
  const auto parsed = json::Document::parse(policy);
  if (!parsed || !parsed->root().is_object() || !parsed->root().find("Statement").present()) {
    throw Error(Code::kMalformedPolicyDocument, "Syntax errors in policy.");
  }
}

void refuse_parameter(const Request& request, std::string_view name) {
  if (!aws::has_member(request.input, name)) return;
  throw Error(Code::kNotImplemented, "The parameter " + std::string(name) + " is not implemented");
}

}  // namespace

identity::Session start_session(const Request& request, const NewSession& asked) {
  constexpr std::string_view kSecretAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  identity::Session session;
  session.access_key_id = aws::make_session_key(asked.account);
  session.secret_access_key = base::secret_text(kSecretLength, kSecretAlphabet);
  session.session_token = base::to_base64(base::secret_bytes(kTokenBytes));
  session.account = asked.account;
  session.arn = asked.arn;
  session.user_id = asked.user_id;
  session.source_identity = asked.source_identity;
  // Whole seconds, as the reply says it.
  session.issued_us = request.clock.now_s() * kSecondUs;
  session.expires_us = session.issued_us + asked.duration_s * kSecondUs;
  request.engine.add_session(session);
  return session;
}

void write_credentials(xml::Writer& result, const identity::Session& session) {
  std::string expiration = http::iso_date(session.expires_us / kSecondUs);
  expiration.erase(expiration.find('.'), 4);  // no milliseconds here
  result.open("Credentials")
      .element("AccessKeyId", session.access_key_id)
      .element("SecretAccessKey", session.secret_access_key)
      .element("SessionToken", session.session_token)
      .element("Expiration", expiration)
      .close();
}

std::uint64_t check_policies(const Request& request) {
  std::uint64_t size_bytes = 0;
  if (const auto policy = aws::string_member(request.input, "Policy")) {
    check_policy(*policy);
    size_bytes += policy->size();
  }
  const json::Node arns = request.input.find("PolicyArns");
  for (json::Node one = arns.first(); one.exists(); one = one.next()) {
    size_bytes += one.find("arn").text().size();
  }
  const std::uint64_t percent = (size_bytes * 100 + kMaxPackedBytes - 1) / kMaxPackedBytes;
  if (percent > 100) {
    throw Error(Code::kPackedPolicyTooLarge, "Packed policy consumes " + std::to_string(percent) +
                                                 "% of allotted space, please use smaller policy.");
  }
  return percent;
}

void check_tags(const Request& request) {
  std::set<std::string> keys;
  const json::Node tags = request.input.find("Tags");
  for (json::Node tag = tags.first(); tag.exists(); tag = tag.next()) {
    if (!keys.insert(base::to_lower(tag.find("Key").text())).second) {
      throw Error(Code::kInvalidParameterValue,
                  "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
    }
  }
  const json::Node transitive = request.input.find("TransitiveTagKeys");
  for (json::Node key = transitive.first(); key.exists(); key = key.next()) {
    if (!keys.contains(base::to_lower(key.text()))) {
      throw Error(Code::kInvalidParameterValue,
                  "The specified transitive tag key must be included in the requested tags.");
    }
  }
}

bool verifies(const Request& request) {
  return request.authenticator.mode() == aws::Authenticator::Mode::kVerify;
}

void refuse_unimplemented(const Request& request) {
  for (const std::string_view name :
       {"ProvidedContexts", "ProviderId", "MinimumSessionTokenSize"}) {
    refuse_parameter(request, name);
  }
  if (!verifies(request)) return;
  // Policies narrow a session down. It would be given more than they say.
  for (const std::string_view name : {"Policy", "PolicyArns"}) refuse_parameter(request, name);
}

void refuse_mfa(const Request& request) {
  if (!aws::has_member(request.input, "SerialNumber") &&
      !aws::has_member(request.input, "TokenCode")) {
    return;
  }
  throw Error(Code::kAccessDenied,
              "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your "
              "MFA serial number is valid and associated with this user.");
}

}  // namespace bodega::sts
