// Rules and what they allow. What is expected is what redis-server 7.2 and Valkey 8 answer.
#include "protocol/redis/acl/selector.h"

#include <initializer_list>
#include <string>
#include <vector>

#include "tests/catch.h"

namespace bodega::redis::test {
namespace {

class Rules {
 public:
  explicit Rules(std::initializer_list<std::string_view> rules) {
    for (const auto rule : rules) CHECK(apply(rule) == RuleFault::kNone);
  }

  RuleFault apply(std::string_view rule) { return selector_.apply(rule, table_); }

  Denial denied(std::vector<std::string_view> args) {
    const CommandTable::Slot* slot = table_.find(args);
    REQUIRE(slot != nullptr);
    AclRequest request(table_, *slot->row, args);
    return selector_.check(request).denial;
  }
  bool allows(std::vector<std::string_view> args) {
    return denied(std::move(args)) == Denial::kNone;
  }

  std::string text() const { return selector_.describe(); }

 private:
  CommandTable table_;
  AclSelector selector_{AclSelector::Channels::kNone};
};

}  // namespace

TEST_CASE("AclSelector: a new one allows nothing but to log in") {
  Rules rules({});
  CHECK(rules.denied({"GET", "k"}) == Denial::kCommand);
  CHECK(rules.denied({"PING"}) == Denial::kCommand);
  CHECK(rules.allows({"AUTH", "x"}));
  CHECK(rules.allows({"HELLO"}));
  CHECK(rules.text() == "resetchannels -@all");
}

TEST_CASE("AclSelector: commands, containers and sub-commands") {
  Rules rules({"~*", "+@all", "-config", "+config|get"});
  CHECK(rules.allows({"GET", "k"}));
  CHECK(rules.allows({"CONFIG", "GET", "x"}));
  CHECK(rules.denied({"CONFIG", "SET", "x", "y"}) == Denial::kCommand);
  CHECK(rules.text() == "~* resetchannels +@all -config +config|get");
  // A rule about the container replaces those about its parts.
  CHECK(rules.apply("+CONFIG") == RuleFault::kNone);
  CHECK(rules.text() == "~* resetchannels +@all +config");
  CHECK(rules.allows({"CONFIG", "SET", "x", "y"}));
  CHECK(rules.apply("-client|kill") == RuleFault::kNone);
  CHECK(rules.denied({"CLIENT", "KILL", "x"}) == Denial::kCommand);
  CHECK(rules.allows({"CLIENT", "ID"}));
}

TEST_CASE("AclSelector: categories in the order in which they come") {
  Rules rules({"~*", "+@read", "-@hash", "+hget"});
  CHECK(rules.allows({"GET", "k"}));
  CHECK(rules.allows({"HGET", "k", "f"}));
  CHECK(rules.denied({"HGETALL", "k"}) == Denial::kCommand);
  CHECK(rules.denied({"SET", "k", "v"}) == Denial::kCommand);
  CHECK(rules.text() == "~* resetchannels -@all +@read -@hash +hget");
  CHECK(rules.apply("nocommands") == RuleFault::kNone);
  CHECK(rules.text() == "~* resetchannels -@all");
}

TEST_CASE("AclSelector: the first argument of a command without sub-commands") {
  Rules rules({"+select|0", "+select|1"});
  CHECK(rules.allows({"SELECT", "0"}));
  CHECK(rules.denied({"SELECT", "2"}) == Denial::kCommand);
  CHECK(rules.text() == "resetchannels -@all +select|0 +select|1");
  CHECK(rules.apply("-select|0") == RuleFault::kUnknownCommand);
  CHECK(rules.apply("+config|get|x") == RuleFault::kFirstArgumentOfSubcommand);
  CHECK(rules.apply("+select|") == RuleFault::kSyntax);
  CHECK(rules.apply("-select") == RuleFault::kNone);
  CHECK(rules.denied({"SELECT", "0"}) == Denial::kCommand);
}

TEST_CASE("AclSelector: keys by pattern, to read and to write") {
  Rules rules({"+@all", "%R~read:*", "%W~write:*", "~both:*"});
  CHECK(rules.allows({"GET", "read:1"}));
  CHECK(rules.denied({"SET", "read:1", "v"}) == Denial::kKey);
  CHECK(rules.allows({"SET", "write:1", "v"}));
  CHECK(rules.denied({"GET", "write:1"}) == Denial::kKey);
  CHECK(rules.denied({"SET", "write:1", "v", "GET"}) == Denial::kKey);
  CHECK(rules.allows({"SET", "both:1", "v", "GET"}));
  CHECK(rules.allows({"BITFIELD", "read:1", "GET", "u4", "0"}));
  CHECK(rules.denied({"BITFIELD", "read:1", "SET", "u4", "0", "1"}) == Denial::kKey);
  CHECK(rules.allows({"COPY", "read:1", "write:1"}));
  CHECK(rules.denied({"COPY", "write:1", "read:1"}) == Denial::kKey);
  CHECK(rules.denied({"MGET", "both:1", "other"}) == Denial::kKey);
  CHECK(rules.text() == "%R~read:* %W~write:* ~both:* resetchannels +@all");
  // Both halves of one pattern are the whole of it.
  CHECK(rules.apply("%W~read:*") == RuleFault::kNone);
  CHECK(rules.text() == "~read:* %W~write:* ~both:* resetchannels +@all");
}

TEST_CASE("AclSelector: malformed key patterns and patterns after all of them") {
  Rules rules({});
  for (const auto rule : {"%~x", "%RR~x", "%RX~x", "%R", "~a b"}) {
    CHECK(rules.apply(rule) == RuleFault::kSyntax);
  }
  CHECK(rules.apply("~*") == RuleFault::kNone);
  CHECK(rules.apply("~x") == RuleFault::kAfterAllKeys);
  CHECK(rules.apply("&*") == RuleFault::kNone);
  CHECK(rules.apply("&x") == RuleFault::kAfterAllChannels);
  CHECK(rules.apply("+nosuch") == RuleFault::kUnknownCommand);
  CHECK(rules.apply("+@nosuch") == RuleFault::kUnknownCommand);
  CHECK(rules.apply("whatever") == RuleFault::kSyntax);
  CHECK(rules.text() == "~* &* -@all");
}

TEST_CASE("AclSelector: channels by pattern, and patterns by the letter") {
  Rules rules({"+@pubsub", "&news:*"});
  CHECK(rules.allows({"PUBLISH", "news:1", "m"}));
  CHECK(rules.denied({"PUBLISH", "other", "m"}) == Denial::kChannel);
  CHECK(rules.denied({"SUBSCRIBE", "news:1", "other"}) == Denial::kChannel);
  CHECK(rules.allows({"PSUBSCRIBE", "news:*"}));
  CHECK(rules.denied({"PSUBSCRIBE", "news:1*"}) == Denial::kChannel);
  CHECK(rules.allows({"UNSUBSCRIBE", "other"}));
  CHECK(rules.text() == "resetchannels &news:* -@all +@pubsub");
}

}  // namespace bodega::redis::test
