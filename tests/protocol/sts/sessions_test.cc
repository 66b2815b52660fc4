// Sessions: who their callers are, what is refused, and that the authenticator knows them.
#include "protocol/aws/signature/access_key.h"
#include "tests/protocol/sts/harness.h"

using namespace bodega;
using namespace bodega::sts;

namespace {

const Parameters kAdmin{{"RoleArn", "arn:aws:iam::444455556666:role/path/Admin"},
                        {"RoleSessionName", "me"}};

const Parameters kOwn{{"RoleArn", "arn:aws:iam::111122223333:role/Own"}, {"RoleSessionName", "me"}};

Parameters with(Parameters parameters, const std::string& name, const std::string& value) {
  parameters[name] = value;
  return parameters;
}

}  // namespace

TEST_CASE("GetCallerIdentity: a plain key is its account's root") {
  Harness test;
  const Answer answer = test.run("GetCallerIdentity");
  CHECK(answer["Account"] == "111122223333");
  CHECK(answer["Arn"] == "arn:aws:iam::111122223333:root");
  CHECK(answer["UserId"] == "111122223333");
  CHECK(answer.text.find(R"(<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/)"
                         R"(2011-06-15/"><GetCallerIdentityResult>)") != std::string::npos);
  CHECK(answer["RequestId"].size() == 36);
}

TEST_CASE("GetCallerIdentity: wants a signature") {
  Harness test;
  test.signer.access_key_id.clear();
  CHECK(test.error("GetCallerIdentity") ==
        "MissingAuthenticationToken: Request is missing Authentication Token");
}

TEST_CASE("AssumeRole: gives credentials of the role's account, for an hour") {
  Harness test;
  const Answer answer = test.run("AssumeRole", kAdmin);
  CHECK(aws::account_in_session_key(answer["AccessKeyId"]) == "444455556666");
  CHECK(answer["SecretAccessKey"].size() == 40);
  CHECK(answer["SessionToken"].size() == 256);
  CHECK(answer["Expiration"] == "2026-01-02T04:04:05Z");
  CHECK(answer["Arn"] == "arn:aws:sts::444455556666:assumed-role/Admin/me");
  const std::string id = answer["AssumedRoleId"];
  CHECK(id.starts_with("AROA"));
  CHECK(id.substr(21) == ":me");
  CHECK(answer["PackedPolicySize"] == "(none)");
  CHECK(test.run("AssumeRole", kAdmin)["AssumedRoleId"] == id);
  test.use(answer);
  const Answer who = test.run("GetCallerIdentity");
  CHECK(who["Account"] == "444455556666");
  CHECK(who["Arn"] == "arn:aws:sts::444455556666:assumed-role/Admin/me");
  CHECK(who["UserId"] == id);
}

TEST_CASE("AssumeRole: parameters are checked as the model says") {
  Harness test;
  const auto error = [&](const std::string& name, const std::string& value) {
    return test.error("AssumeRole", with(kAdmin, name, value));
  };
  CHECK(error("RoleSessionName", "Session1:2") ==
        "ValidationError: 1 validation error detected: Value 'Session1:2' at 'roleSessionName' "
        "failed to satisfy constraint: Member must satisfy regular expression pattern: "
        "[\\w+=,.@-]*");
  CHECK(error("RoleSessionName", std::string(65, 's')) ==
        "ValidationError: 1 validation error detected: Value '" + std::string(65, 's') +
            "' at 'roleSessionName' failed to satisfy constraint: Member must have length less "
            "than or equal to 64");
  CHECK(error("DurationSeconds", "899").starts_with("ValidationError: 1 validation error"));
  CHECK(error("DurationSeconds", "43201").starts_with("ValidationError: 1 validation error"));
  CHECK(error("DurationSeconds", "43200") == "(none)");
  CHECK(error("RoleArn", "short").starts_with("ValidationError: 1 validation error"));
  for (const char* arn :
       {"nothing-valid-in-here", "arn::b:::something/test-role", "arn:a::::something/test-role",
        "arn:a:::something/test-role", "arn:a:a::aaaaaaaaaa:"}) {
    CHECK(error("RoleArn", arn) == "ValidationError: " + std::string(arn) + " is invalid");
  }
  CHECK(error("RoleArn", "arn:aws:iam::444455556666:user/somebody")
            .starts_with("AccessDenied: User: arn:aws:iam::111122223333:root is not authorized"));
  CHECK(test.error("AssumeRole") ==
        "ValidationError: 2 validation errors detected: Value null at 'roleArn' failed to satisfy "
        "constraint: Member must not be null; Value null at 'roleSessionName' failed to satisfy "
        "constraint: Member must not be null");
}

TEST_CASE("AssumeRole: policies have a form and a size") {
  Harness test;
  const std::string policy = R"({"Statement":[]})";
  CHECK(test.run("AssumeRole", with(kAdmin, "Policy", policy))["PackedPolicySize"] == "1");
  CHECK(test.error("AssumeRole", with(kAdmin, "Policy", "no json")) ==
        "MalformedPolicyDocument: Syntax errors in policy.");
  const std::string large = R"({"Statement":[],"Id":")" + std::string(2048, 'x') + R"("})";
  CHECK(test.error("AssumeRole", with(kAdmin, "Policy", large))
            .starts_with("PackedPolicyTooLarge: Packed policy consumes 102%"));
}

TEST_CASE("AssumeRole: tags are checked as the service does") {
  Harness test;
  Parameters tagged = kAdmin;
  tagged["Tags.member.1.Key"] = "One";
  tagged["Tags.member.1.Value"] = "1";
  CHECK(test.error("AssumeRole", tagged) == "(none)");
  CHECK(test.error("AssumeRole", with(tagged, "TransitiveTagKeys.member.1", "Two")) ==
        "InvalidParameterValue: The specified transitive tag key must be included in the requested "
        "tags.");
  tagged["Tags.member.2.Key"] = "one";
  tagged["Tags.member.2.Value"] = "2";
  CHECK(test.error("AssumeRole", tagged) ==
        "InvalidParameterValue: Duplicate tag keys found. Please note that Tag keys are case "
        "insensitive.");
}

TEST_CASE("AssumeRole: a role session assumes another for an hour at most, and keeps its source") {
  Harness test;
  test.use(test.run("AssumeRole", with(kAdmin, "SourceIdentity", "somebody")));
  const Parameters other{{"RoleArn", "arn:aws:iam::444455556666:role/Other"},
                         {"RoleSessionName", "me"}};
  CHECK(test.run("AssumeRole", other)["SourceIdentity"] == "somebody");
  CHECK(test.error("AssumeRole", with(other, "SourceIdentity", "another"))
            .starts_with("AccessDenied"));
  CHECK(test.error("AssumeRole", with(other, "DurationSeconds", "3601"))
            .starts_with("ValidationError: The requested DurationSeconds exceeds the 1 hour"));
}

TEST_CASE("AssumeRole: what could have no effect is refused") {
  Harness test;
  CHECK(test.error("AssumeRole", with(kAdmin, "SerialNumber", "arn:aws:iam::1:mfa/me"))
            .starts_with("AccessDenied: MultiFactorAuthentication failed"));
  CHECK(test.error("AssumeRole", with(kAdmin, "MinimumSessionTokenSize", "100")) ==
        "NotImplemented: The parameter MinimumSessionTokenSize is not implemented");
}

TEST_CASE("GetSessionToken: a session of the caller, which gives out no further ones") {
  Harness test;
  const Answer answer = test.run("GetSessionToken", {{"DurationSeconds", "900"}});
  CHECK(answer["Expiration"] == "2026-01-02T03:19:05Z");
  CHECK(test.run("GetSessionToken")["Expiration"] == "2026-01-02T15:04:05Z");
  test.use(answer);
  CHECK(test.run("GetCallerIdentity")["Arn"] == "arn:aws:iam::111122223333:root");
  CHECK(test.error("GetSessionToken") ==
        "AccessDenied: Cannot call GetSessionToken with session credentials");
  CHECK(test.error("GetFederationToken", {{"Name", "fed"}}) ==
        "AccessDenied: Cannot call GetFederationToken with session credentials");
}

TEST_CASE("GetFederationToken: a session under another name in the account") {
  Harness test;
  const Answer answer = test.run("GetFederationToken", {{"Name", "fed"}});
  CHECK(answer["FederatedUserId"] == "111122223333:fed");
  CHECK(answer["Arn"] == "arn:aws:sts::111122223333:federated-user/fed");
  CHECK(answer["PackedPolicySize"] == "0");
  test.use(answer);
  CHECK(test.run("GetCallerIdentity")["UserId"] == "111122223333:fed");
}

TEST_CASE("GetAccessKeyInfo: the account of a session's key, also of one that is not known") {
  Harness test;
  const std::string key = aws::make_session_key("444455556666");
  CHECK(test.run("GetAccessKeyInfo", {{"AccessKeyId", key}})["Account"] == "444455556666");
  CHECK(test.error("GetAccessKeyInfo", {{"AccessKeyId", "short"}}).starts_with("ValidationError"));
}

TEST_CASE("DecodeAuthorizationMessage: knows no message, because none was given out") {
  Harness test;
  CHECK(test.error("DecodeAuthorizationMessage", {{"EncodedMessage", "made up"}})
            .starts_with("InvalidAuthorizationMessageException"));
}

TEST_CASE("STS: what is not there says so") {
  Harness test;
  CHECK(test.error("MakeTea").starts_with("InvalidAction"));
  test.signer.access_key_id.clear();  // as clients send this one
  const Answer saml = test.send("AssumeRoleWithSAML", {});
  CHECK(saml.status == 501);
  CHECK(saml["Code"] == "NotImplemented");
  CHECK(saml["Message"] == "The operation AssumeRoleWithSAML is not implemented");
}

TEST_CASE("AssumeRole: where signatures are verified, the role is of the caller's account") {
  Harness test(aws::Authenticator::Mode::kVerify);
  CHECK(test.error("AssumeRole", kAdmin) ==
        "AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform: "
        "sts:AssumeRole on resource: arn:aws:iam::444455556666:role/path/Admin");
  CHECK(test.run("AssumeRole", kOwn)["Arn"] == "arn:aws:sts::111122223333:assumed-role/Own/me");
}

TEST_CASE("Sessions: under verification a session policy is refused, as it would not be enforced") {
  Harness test(aws::Authenticator::Mode::kVerify);
  const std::string policy = R"({"Statement":[]})";
  const std::string arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
  const Parameters federated{{"Name", "fed"}};
  CHECK(test.error("AssumeRole", with(kOwn, "Policy", policy)) ==
        "NotImplemented: The parameter Policy is not implemented");
  CHECK(test.error("AssumeRole", with(kOwn, "PolicyArns.member.1.arn", arn)) ==
        "NotImplemented: The parameter PolicyArns is not implemented");
  CHECK(test.error("GetFederationToken", with(federated, "Policy", policy)) ==
        "NotImplemented: The parameter Policy is not implemented");
  CHECK(test.error("GetFederationToken", with(federated, "PolicyArns.member.1.arn", arn)) ==
        "NotImplemented: The parameter PolicyArns is not implemented");
  CHECK(test.error("GetFederationToken", federated) == "(none)");
}

TEST_CASE("Sessions: under verification the secret and the token have to be theirs") {
  Harness test(aws::Authenticator::Mode::kVerify);
  test.use(test.run("AssumeRole", kOwn));
  const aws::Credential session = test.signer;
  CHECK(test.run("GetCallerIdentity")["Account"] == "111122223333");

  test.signer.secret_access_key[0] = test.signer.secret_access_key[0] == 'a' ? 'b' : 'a';
  CHECK(test.error("GetCallerIdentity").starts_with("SignatureDoesNotMatch"));
  test.signer = session;
  test.signer.session_token[0] = test.signer.session_token[0] == 'a' ? 'b' : 'a';
  CHECK(test.error("GetCallerIdentity") ==
        "InvalidClientTokenId: The security token included in the request is invalid.");
  test.signer.session_token.clear();
  CHECK(test.error("GetCallerIdentity").starts_with("InvalidClientTokenId"));
  test.signer = session;
  test.signer.access_key_id = aws::make_session_key("111122223333");
  CHECK(test.error("GetCallerIdentity").starts_with("InvalidClientTokenId"));
}

TEST_CASE("Sessions: under verification a session ends when its time is over") {
  Harness test(aws::Authenticator::Mode::kVerify);
  test.use(test.run("AssumeRole", kOwn));
  test.clock.advance_ms(3'599'000);
  test.run("GetCallerIdentity");
  test.clock.advance_ms(1000);
  CHECK(test.error("GetCallerIdentity") ==
        "ExpiredToken: The security token included in the request is expired");
}
