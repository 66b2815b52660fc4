#include "protocol/aws/signature/access_key.h"

#include <set>

#include "tests/catch.h"

using namespace bodega;

TEST_CASE("Session keys: every account comes back, and no key comes twice") {
  std::set<std::string> seen;
  for (const char* account : {"000000000000", "000000000001", "111122223333", "999999999999"}) {
    for (int i = 0; i < 50; ++i) {
      const std::string key = aws::make_session_key(account);
      REQUIRE(key.size() == 20);
      CHECK(key.starts_with("ASIA"));
      CHECK(aws::account_in_session_key(key) == account);
      CHECK(seen.insert(key).second);
    }
  }
}

TEST_CASE("Session keys: the account stands where AWS has it") {
  // A published example of an AWS key and its account, with the prefix of sessions.
  CHECK(aws::account_in_session_key("ASIAQYLPMN5HHHFPZAM2") == "052310077262");
}

TEST_CASE("Session keys: other texts hold no account") {
  for (const char* text :
       {"", "test", "AKIAQYLPMN5HHHFPZAM2", "ASIAQYLPMN5HHHFPZAM", "ASIAqylpmn5hhhfpzam2",
        "ASIA1111111111111111", "ASIA7777777777777777"}) {
    CHECK_FALSE(aws::account_in_session_key(text));
  }
}
