#include "protocol/kms/policy.h"

#include "protocol/json/json.h"
#include "protocol/kms/errors.h"

namespace bodega::kms {
namespace {

constexpr std::size_t kMaxPolicyBytes = 32 * 1024;

[[noreturn]] void malformed(std::string message) {
  throw Error(Code::kMalformedPolicyDocumentException, std::move(message));
}

// Exactly one of both is there.
void require_one(json::Node statement, std::string_view name, std::string_view negated) {
  const bool plain = statement.find(name).present();
  if (plain == statement.find(negated).present()) {
    malformed("Each statement of a policy must have either " + std::string(name) + " or " +
              std::string(negated) + ".");
  }
}

void check_statement(json::Node statement) {
  if (!statement.is_object()) malformed("A statement of the policy is not an object.");
  const std::string_view effect = statement.find("Effect").text();
  if (effect != "Allow" && effect != "Deny") {
    malformed("Each statement of a policy must have the Effect Allow or Deny.");
  }
  require_one(statement, "Principal", "NotPrincipal");
  require_one(statement, "Action", "NotAction");
  require_one(statement, "Resource", "NotResource");
}

}  // namespace

std::string default_policy(std::string_view account) {
  return R"({
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::)" +
         std::string(account) + R"(:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
})";
}

void check_policy(std::string_view document) {
  if (document.size() > kMaxPolicyBytes) {
    throw Error(Code::kLimitExceededException,
                "The key policy may have " + std::to_string(kMaxPolicyBytes) + " bytes.");
  }
  const auto parsed = json::Document::parse(document);
  if (!parsed || !parsed->root().is_object()) malformed("The policy is not a JSON object.");
  const json::Node version = parsed->root().find("Version");
  if (version.present() && version.text() != "2012-10-17" && version.text() != "2008-10-17") {
    malformed("The policy's Version is unknown.");
  }
  const json::Node statements = parsed->root().find("Statement");
  if (statements.is_object()) return check_statement(statements);
  if (!statements.is_array() || statements.size() == 0) malformed("The policy has no Statement.");
  for (json::Node one = statements.first(); one.exists(); one = one.next()) check_statement(one);
}

}  // namespace bodega::kms
