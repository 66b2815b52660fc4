// Users: rules, passwords, and the lines of an ACL file.
#include "protocol/redis/acl/users.h"

#include <initializer_list>
#include <string>
#include <vector>

#include "protocol/redis/wire/errors.h"
#include "tests/catch.h"

namespace bodega::redis::test {
namespace {

constexpr std::string_view kHashOfSecret =  // sha256sum of "secret"
    "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

class Users {
 public:
  // The user's rules afterwards, or the error.
  std::string set(std::string_view name, std::vector<std::string_view> rules) {
    try {
      users.put(users.changed(name, rules));
      return users.find(name)->describe();
    } catch (const Error& error) {
      return error.text();
    }
  }

  std::string load(std::string_view lines) {
    try {
      users.replace(users.from_lines(lines, "f"));
      return users.to_lines();
    } catch (const Error& error) {
      return error.text();
    }
  }

  CommandTable table;
  AclUsers users{table};
};

constexpr std::string_view kUnchanged =
    "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

}  // namespace

TEST_CASE("AclUsers: the default user may do everything, a new one nothing") {
  Users test;
  CHECK(test.users.default_user().describe() == "on nopass sanitize-payload ~* &* +@all");
  CHECK(test.users.default_user().may_everything());
  CHECK(test.set("alice", {}) == "off sanitize-payload resetchannels -@all");
  CHECK_FALSE(test.users.find("alice")->may_everything());
  CHECK(test.users.find("bob") == nullptr);
}

TEST_CASE("AclUser: passwords in clear and hashed, and none") {
  Users test;
  const std::string hash(kHashOfSecret);
  CHECK(test.set("alice", {"on", ">secret", ">secret"}) ==
        "on sanitize-payload #" + hash + " resetchannels -@all");
  const AclUser& alice = *test.users.find("alice");
  CHECK(alice.accepts("secret"));
  CHECK_FALSE(alice.accepts("other"));
  CHECK(test.set("alice", {"<other"}) ==
        "ERR Error in ACL SETUSER modifier '<other': The password you are trying to remove from "
        "the user does not exist");
  CHECK(test.set("alice", {"#abc"}) ==
        "ERR Error in ACL SETUSER modifier '#abc': The password hash must be exactly 64 characters "
        "and contain only lowercase hexadecimal characters");
  test.set("alice", {"!" + hash});
  CHECK_FALSE(alice.accepts("secret"));
  test.set("alice", {"nopass"});
  CHECK(alice.accepts("anything"));
  test.set("alice", {"off"});
  CHECK_FALSE(alice.accepts("anything"));
  test.set("alice", {"on", "nopass", ">secret"});
  CHECK_FALSE(alice.accepts("anything"));
}

TEST_CASE("AclUsers: a selector is one argument or several") {
  Users test;
  CHECK(test.set("a", {"(+get ~x)"}) ==
        "off sanitize-payload resetchannels -@all (~x resetchannels -@all +get)");
  CHECK(test.set("b", {"(+get", "~x)"}) ==
        "off sanitize-payload resetchannels -@all (~x resetchannels -@all +get)");
  CHECK(test.set("b", {"clearselectors"}) == "off sanitize-payload resetchannels -@all");
  CHECK(test.set("b", {"(+get"}) ==
        "ERR Unmatched parenthesis in acl selector starting at '(+get'.");
  CHECK(test.set("b", {"(on)"}) == "ERR Error in ACL SETUSER modifier '(on)': Syntax error");
}

TEST_CASE("AclUsers: all rules of a change hold, or none") {
  Users test;
  test.set("a", {"on", "+get", "~x"});
  CHECK(test.set("a", {"+set", "+nosuch"}) ==
        "ERR Error in ACL SETUSER modifier '+nosuch': Unknown command or category name in ACL");
  CHECK(test.users.find("a")->describe() == "on sanitize-payload ~x resetchannels -@all +get");
  CHECK(test.set("a", {"reset"}) == "off sanitize-payload resetchannels -@all");
}

TEST_CASE("AclUsers: the lines of a file make the same users again") {
  Users test;
  test.set("alice", {"on", ">secret", "+@read", "%R~a:*", "&c", "(+set ~b)"});
  const std::string lines = test.users.to_lines();
  Users other;
  CHECK(other.load(lines) == lines);
  CHECK(other.users.find("alice")->accepts("secret"));
}

TEST_CASE("AclUsers: lines without the default user have it nevertheless") {
  Users test;
  test.set("default", {"off"});
  CHECK(test.load("\n  user bob on nopass ~* +@all \r\n\n") ==
        "user bob on nopass sanitize-payload ~* resetchannels +@all\n"
        "user default on nopass sanitize-payload ~* &* +@all\n");
  CHECK(&test.users.default_user() == test.users.find("default"));
}

TEST_CASE("AclUsers: lines with faults change nothing, and all faults are told") {
  Users test;
  const std::string before = test.users.to_lines();
  const auto told = [&](std::string_view lines) { return test.load(lines); };
  const std::string end(kUnchanged);
  CHECK(told("usr a on") ==
        "ERR f:1 should start with user keyword followed by the username. " + end);
  CHECK(told("user a on\nuser a off") == "ERR WARNING: Duplicate user 'a' found on line 2. " + end);
  CHECK(told("user a +nosuch nonsense more") ==
        "ERR f:1: Error in applying operation '+nosuch': Unknown command or category name in ACL. "
        "f:1: Syntax error. " +
            end);
  CHECK(told("user a (+get") == "ERR f:1: Unmatched parenthesis in selector definition. " + end);
  CHECK(test.users.to_lines() == before);
}

}  // namespace bodega::redis::test
