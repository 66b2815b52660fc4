// AssumeRoleWithWebIdentity: what is read of a token.
#include <algorithm>

#include "engines/base/bytes.h"
#include "tests/protocol/sts/harness.h"

using namespace bodega;
using namespace bodega::sts;

namespace {

std::string base64_url(std::string_view text) {
  std::string out = base::to_base64(text);
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  out.erase(std::find(out.begin(), out.end(), '='), out.end());
  return out;
}

std::string token_of(std::string_view claims, std::string_view header = R"({"alg":"RS256"})") {
  return base64_url(header) + "." + base64_url(claims) + "." + base64_url("signature");
}

// Expires an hour after the clock of the tests starts.
constexpr std::string_view kClaims =
    R"({"iss":"https://issuer.example","sub":"subject","aud":"client","exp":1767326645})";

Parameters with_token(const std::string& token) {
  return {{"RoleArn", "arn:aws:iam::444455556666:role/Web"},
          {"RoleSessionName", "web"},
          {"WebIdentityToken", token}};
}

}  // namespace

TEST_CASE("AssumeRoleWithWebIdentity: needs no signature, and says what the token claims") {
  Harness test;
  test.signer.access_key_id.clear();
  const Answer answer = test.run("AssumeRoleWithWebIdentity", with_token(token_of(kClaims)));
  CHECK(answer["SubjectFromWebIdentityToken"] == "subject");
  CHECK(answer["Provider"] == "https://issuer.example");
  CHECK(answer["Audience"] == "client");
  CHECK(answer["Arn"] == "arn:aws:sts::444455556666:assumed-role/Web/web");
  test.use(answer);
  CHECK(test.run("GetCallerIdentity")["Arn"] == "arn:aws:sts::444455556666:assumed-role/Web/web");
}

TEST_CASE("AssumeRoleWithWebIdentity: where signatures are verified, no token gives a session") {
  Harness test(aws::Authenticator::Mode::kVerify);
  test.signer.access_key_id.clear();
  CHECK(test.error("AssumeRoleWithWebIdentity", with_token(token_of(kClaims)))
            .starts_with("IDPCommunicationError: The token cannot be verified"));
}

TEST_CASE("AssumeRoleWithWebIdentity: the first of several audiences, and the source identity") {
  Harness test;
  const Answer answer =
      test.run("AssumeRoleWithWebIdentity",
               with_token(token_of(R"({"iss":"i","sub":"s","aud":["a","b"],"exp":1767326645,)"
                                   R"("https://aws.amazon.com/source_identity":"somebody"})")));
  CHECK(answer["Audience"] == "a");
  CHECK(answer["SourceIdentity"] == "somebody");
}

TEST_CASE("AssumeRoleWithWebIdentity: an expired token is refused") {
  Harness test;
  test.clock.advance_ms(3'600'000);
  CHECK(test.error("AssumeRoleWithWebIdentity", with_token(token_of(kClaims))) ==
        "ExpiredTokenException: Token expired: current date/time 1767326645 must be before the "
        "expiration date/time 1767326645");
}

TEST_CASE("AssumeRoleWithWebIdentity: what is no token, or lacks a claim, is refused") {
  Harness test;
  const std::string valid = token_of(kClaims);
  for (const std::string& token :
       {std::string("none"), std::string("aa.bb"), std::string("a.b.c"), valid + ".x", valid + "=",
        token_of(kClaims, "[]"), token_of("no json"), token_of(kClaims, R"({"alg":"none"})"),
        token_of(R"({"sub":"s","aud":"a","exp":1767326645})"),
        token_of(R"({"iss":"i","aud":"a","exp":1767326645})"),
        token_of(R"({"iss":"i","sub":"s","exp":1767326645})"),
        token_of(R"({"iss":"i","sub":"s","aud":"a"})"),
        token_of(R"({"iss":"i","sub":"s","aud":"a","exp":1767326645,"nbf":1767326000})"),
        valid.substr(0, valid.rfind('.') + 1)}) {
    INFO(token);
    CHECK(test.error("AssumeRoleWithWebIdentity", with_token(token))
              .starts_with("InvalidIdentityToken"));
  }
}
