// The token of AssumeRoleWithWebIdentity, and what access keys of sessions hold.
#include "protocol/sts/web_token.h"

#include <array>
#include <string>

#include "engines/base/check.h"
#include "protocol/aws/signature/access_key.h"
#include "protocol/sts/errors.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

constexpr std::int64_t kNowSeconds = 1'767'323'045;
constexpr std::size_t kAccountDigits = 12;

void run(std::string_view bytes) {
  try {
    const sts::WebToken token = sts::read_web_token(bytes, kNowSeconds);
    BODEGA_CHECK(!token.issuer.empty() && !token.subject.empty() && !token.audience.empty());
  } catch (const sts::Error&) {
  }
  const auto account = aws::account_in_session_key(bytes);
  BODEGA_CHECK(!account || account->size() == kAccountDigits);
}

// {"alg":"RS256"} with {"iss":"i","sub":"s","aud":"a","exp":9999999999}, and with a list of
// audiences.
constexpr std::array<std::string_view, 4> kSeeds{
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJpIiwic3ViIjoicyIsImF1ZCI6ImEiLCJleHAiOjk5OTk5OTk5OTl9.c2ln",
    "eyJhbGciOiJSUzI1NiJ9."
    "eyJpc3MiOiJpIiwic3ViIjoicyIsImF1ZCI6WyJhIiwiYiJdLCJleHAiOjk5OTk5OTk5OTl9.c2ln",
    "eyJhbGciOiJub25lIn0.e30.c2ln",
    "ASIAQYLPMN5HHHFPZAM2",
};

}  // namespace

const Target kWebToken{"web_token", run, kSeeds};

}  // namespace bodega::fuzz
