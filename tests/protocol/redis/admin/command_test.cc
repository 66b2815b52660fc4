// COMMAND: what clients of clusters and redis-cli read of commands. Expected is what redis-server
// 7.2 answers.
#include <string>

#include "protocol/redis/admin/command_syntax.h"
#include "protocol/redis/command_table.h"
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

namespace bodega::redis::test {

TEST_CASE("COMMAND INFO: tips for clients of clusters") {
  World world;
  Client c(world);
  const auto info = [&](std::string_view name) { return c.run({"COMMAND", "INFO", name}); };
  CHECK(info("keys").find("*2\r\n$25\r\nrequest_policy:all_shards\r\n"
                          "$29\r\nnondeterministic_output_order\r\n") != std::string::npos);
  CHECK(info("mget").find("*1\r\n$26\r\nrequest_policy:multi_shard\r\n") != std::string::npos);
  CHECK(info("get").find("policy") == std::string::npos);
}

TEST_CASE("COMMAND INFO: a note on the keys stands in front") {
  World world;
  Client c(world);
  CHECK(c.run({"COMMAND", "INFO", "set"})
            .find("*8\r\n$5\r\nnotes\r\n$48\r\nRW and ACCESS due to the optional `GET` argument") !=
        std::string::npos);
}

TEST_CASE("COMMAND INFO: keys of SORT that only the data tells") {
  World world;
  Client c(world);
  const std::string info = c.run({"COMMAND", "INFO", "sort"});
  CHECK(info.find("$12\r\nbegin_search\r\n*4\r\n$4\r\ntype\r\n$7\r\nunknown\r\n$4\r\nspec\r\n*0\r\n"
                  "$9\r\nfind_keys\r\n*4\r\n$4\r\ntype\r\n$7\r\nunknown\r\n$4\r\nspec\r\n*0\r\n") !=
        std::string::npos);
}

TEST_CASE("COMMAND DOCS: arguments, as redis-cli hints at them") {
  World world;
  Client c(world, 3);
  const std::string docs = c.run({"COMMAND", "DOCS", "expire"});
  CHECK(docs.find("$9\r\narguments\r\n*3\r\n"
                  "%4\r\n$4\r\nname\r\n$3\r\nkey\r\n$4\r\ntype\r\n$3\r\nkey\r\n"
                  "$12\r\ndisplay_text\r\n$3\r\nkey\r\n$14\r\nkey_spec_index\r\n:0\r\n"
                  "%3\r\n$4\r\nname\r\n$7\r\nseconds\r\n$4\r\ntype\r\n$7\r\ninteger\r\n"
                  "$12\r\ndisplay_text\r\n$7\r\nseconds\r\n"
                  "%4\r\n$4\r\nname\r\n$6\r\nchoice\r\n$4\r\ntype\r\n$5\r\noneof\r\n"
                  "$5\r\nflags\r\n~1\r\n+optional\r\n$9\r\narguments\r\n*4\r\n"
                  "%4\r\n$4\r\nname\r\n$2\r\nnx\r\n$4\r\ntype\r\n$10\r\npure-token\r\n"
                  "$12\r\ndisplay_text\r\n$2\r\nnx\r\n$5\r\ntoken\r\n$2\r\nNX\r\n") !=
        std::string::npos);
  CHECK(c.run({"COMMAND", "DOCS", "getset"}).find("+deprecated\r\n") != std::string::npos);
}

TEST_CASE("Command syntax: words with values, repeated and not, and quoted ones") {
  using Type = CommandArgument::Type;
  const auto sort = parse_syntax("[LIMIT={offset:i count:i}] [GET=pattern:p+]");
  REQUIRE(sort.size() == 2);
  CHECK(sort[0].token == "LIMIT");
  CHECK(sort[0].optional);
  CHECK(sort[0].type == Type::kBlock);
  REQUIRE(sort[0].parts.size() == 2);
  CHECK(sort[0].parts[1].name == "count");
  CHECK(sort[0].parts[1].type == Type::kInteger);
  CHECK(sort[1].multiple_token);
  CHECK(sort[1].type == Type::kPattern);
  const auto trim = parse_syntax("['='|'~'] ('*'|id) {field value}*");
  REQUIRE(trim.size() == 3);
  CHECK(trim[0].parts[1].token == "~");
  CHECK(trim[1].parts[0].type == Type::kPureToken);
  CHECK(trim[1].parts[1].type == Type::kString);
  CHECK(trim[2].multiple);
}

TEST_CASE("Command syntax: every command's notation can be read") {
  CommandTable table;
  for (const CommandTable::Slot& slot : table.slots()) {
    const std::string_view notation = syntax_of(slot.row->name);
    CHECK(parse_syntax(notation).empty() == notation.empty());
  }
}

}  // namespace bodega::redis::test
