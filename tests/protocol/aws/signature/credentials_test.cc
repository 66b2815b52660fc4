#include "protocol/aws/signature/credentials.h"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "engines/base/random.h"
#include "protocol/aws/signature/sigv4.h"
#include "tests/catch.h"

using namespace bodega;

namespace {

// A file with the given text, gone at the end of the scope.
struct TemporaryFile {
  explicit TemporaryFile(const std::string& text)
      : path(std::filesystem::temp_directory_path() /
             ("bodega-credentials-" + base::random_string(12, "abcdefgh0123"))) {
    std::ofstream(path) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

std::string complaint_about(const std::string& text) {
  const TemporaryFile file(text);
  try {
    aws::read_credentials_file(file.path);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Credentials file: the form of ~/.aws/credentials") {
  const TemporaryFile file(
      "# keys\n[default]\naws_access_key_id = AKIA1\naws_secret_access_key=s1\n\n"
      "[second]\r\naws_access_key_id=111122223333\r\naws_secret_access_key = s=2\r\n"
      "region = eu-west-1\r\n[third]\naws_access_key_id=ASIA3\naws_secret_access_key=s3\n"
      "aws_session_token=t3\naws_account_id=444455556666\n[no-keys]\nregion=us-east-1\n");
  const aws::KeyRing credentials(aws::read_credentials_file(file.path));
  REQUIRE(credentials.find("AKIA1") != nullptr);
  CHECK(credentials.find("AKIA1")->secret_access_key == "s1");
  CHECK(credentials.find("AKIA1")->account == "000000000000");
  REQUIRE(credentials.find("111122223333") != nullptr);
  CHECK(credentials.find("111122223333")->secret_access_key == "s=2");
  CHECK(credentials.find("111122223333")->account == "111122223333");
  REQUIRE(credentials.find("ASIA3") != nullptr);
  CHECK(credentials.find("ASIA3")->session_token == "t3");
  CHECK(credentials.find("ASIA3")->account == "444455556666");
  CHECK(credentials.find("nobody") == nullptr);
}

TEST_CASE("Credentials file: what is wrong is said with its place") {
  CHECK(complaint_about("[a]\naws_access_key_id=x\n").find("aws_secret_access_key") !=
        std::string::npos);
  CHECK(complaint_about("[a]\nnonsense\n").find(":2: expected name = value") != std::string::npos);
  CHECK(complaint_about("[a]\naws_access_key_id=x\naws_secret_access_key=y\naws_account_id=1\n")
            .find("12 digits") != std::string::npos);
  CHECK_THROWS_AS(aws::read_credentials_file("/nonexistent/file"), std::runtime_error);
}

TEST_CASE("KeyRing: a key that is added again is another one, and who holds the old one keeps it") {
  aws::KeyRing keys;
  CHECK(keys.find("AKIA1") == nullptr);
  keys.add({.access_key_id = "AKIA1", .secret_access_key = "old"});
  const auto held = keys.find("AKIA1");
  REQUIRE(held != nullptr);
  keys.add({.access_key_id = "AKIA1", .secret_access_key = "new"});
  CHECK(keys.find("AKIA1")->secret_access_key == "new");
  CHECK(held->secret_access_key == "old");
}

TEST_CASE("Credentials: an expired key is still found, and refused from its expiry on") {
  const aws::KeyRing keys({
      {.access_key_id = "AKIA1", .secret_access_key = "long"},
      {.access_key_id = "ASIA2", .session_token = "t", .expires_at_s = 100},
      {.access_key_id = "ASIA3", .session_token = "t", .expires_at_s = 200},
  });
  const auto refusal = [&](std::string_view key, std::string_view token, std::int64_t now_s) {
    const auto credential = keys.find(key);
    REQUIRE(credential != nullptr);
    return aws::check_token(*credential, token, now_s);
  };
  CHECK(refusal("ASIA2", "t", 99) == std::nullopt);
  CHECK(refusal("ASIA2", "t", 100) == aws::AuthFailure::kExpiredToken);
  CHECK(refusal("ASIA3", "t", 100) == std::nullopt);
  CHECK(refusal("ASIA3", "t", 200) == aws::AuthFailure::kExpiredToken);
  CHECK(refusal("AKIA1", "", 200) == std::nullopt);
}
