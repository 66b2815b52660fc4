// What observers are told of commands: at once of those that are not there, of each while the log
// is at debug, and never of a secret.
#include "protocol/redis/instance/exchanges.h"

#include <vector>

#include "engines/base/log.h"
#include "protocol/observe/observer.h"
#include "tests/catch.h"
#include "tests/protocol/redis/harness.h"

using namespace bodega;
using namespace bodega::redis::test;

namespace {

class Recorder : public observe::Observer {
 public:
  void after(const observe::Exchange& exchange) override { heard.push_back(exchange); }
  void after(const observe::Batch&) override {}

  std::vector<observe::Exchange> heard;
};

// The log at debug, until the end of the scope.
struct AtDebug {
  AtDebug() { log::set_level(log::Level::kDebug); }
  ~AtDebug() { log::set_level(log::Level::kInfo); }
};

redis::InstanceOptions observed_by(Recorder& recorder) {
  redis::InstanceOptions options;
  options.observers = {&recorder};
  return options;
}

struct Observed {
  Recorder recorder;
  World world{observed_by(recorder)};
  Client client{world};

  std::string line_of(std::initializer_list<std::string_view> args) {
    recorder.heard.clear();
    client.run(args);
    return recorder.heard.empty() ? "" : recorder.heard.back().request_line;
  }
};

}  // namespace

TEST_CASE("Exchanges: an unknown command is told of by its name alone") {
  Observed test;
  CHECK(test.client.run({"jSoN.sEt", "a secret", "0"})
            .starts_with("-ERR unknown command 'jSoN.sEt'"));
  REQUIRE(test.recorder.heard.size() == 1);
  const observe::Exchange& told = test.recorder.heard[0];
  CHECK(told.service == "redis");
  CHECK(told.missing == "JSON.SET");
  CHECK(told.error_message == "unknown command JSON.SET");
  CHECK(told.request_line.empty());
  test.client.run({"CLIENT", "nothing", "a secret"});
  REQUIRE(test.recorder.heard.size() == 2);
  CHECK(test.recorder.heard[1].missing == "CLIENT NOTHING");
  test.client.run({std::string_view("A\nB\0", 4)});
  CHECK(test.recorder.heard.back().missing == "A?B?");
}

TEST_CASE("Exchanges: commands that run are told of while the log is at debug, and only then") {
  Observed test;
  CHECK(test.line_of({"SET", "k", "v"}).empty());
  const AtDebug debug;
  CHECK(test.line_of({"set", "k", "v w"}) == R"(SET "k" "v w")");
  CHECK(test.recorder.heard.back().resource == "k");
  CHECK(test.recorder.heard.back().error_code.empty());
  CHECK(test.line_of({"LPUSH", "k", "v"}) == R"(LPUSH "k" "v")");
  CHECK(test.recorder.heard.back().error_code == "WRONGTYPE");
  CHECK(test.line_of({"GET"}) == "GET");
  CHECK(test.recorder.heard.back().error_message ==
        "ERR wrong number of arguments for 'get' command");
  CHECK(test.line_of({"NOSUCH", "x"}) == "NOSUCH");
}

TEST_CASE("Exchanges: what a transaction runs is told of one by one") {
  Observed test;
  const AtDebug debug;
  test.client.run({"MULTI"});
  test.client.run({"SET", "k", "v"});
  test.recorder.heard.clear();
  test.client.run({"EXEC"});
  REQUIRE(test.recorder.heard.size() == 2);
  CHECK(test.recorder.heard[0].request_line == R"(SET "k" "v")");
  CHECK(test.recorder.heard[1].request_line == "EXEC");
}

TEST_CASE("Exchanges: no secret is told") {
  Observed test;
  const AtDebug debug;
  const std::string_view secret = "open-sesame";
  const std::string hidden = " \"(redacted)\"";
  CHECK(test.line_of({"AUTH", "default", secret}) == "AUTH" + hidden + hidden);
  CHECK(test.line_of({"HELLO", "3", "AUTH", "default", secret}) ==
        "HELLO \"3\" \"AUTH\"" + hidden + hidden);
  CHECK(test.line_of({"CONFIG", "SET", "requirepass", secret}) ==
        "CONFIG \"SET\" \"requirepass\"" + hidden);
  // Refused, and with a number of arguments that is none of theirs.
  Client stranger(test.world);
  test.recorder.heard.clear();
  stranger.run({"AUTH", "a", "b", secret});
  stranger.run({"AUTH"});
  stranger.run({"MIGRATE", "h", "1", "", "0", "1", "AUTH", secret});
  stranger.run({"ACL", "SETUSER", "me", secret});
  stranger.run({"SET", "k", secret});
  CHECK(test.recorder.heard.size() == 5);
  for (const observe::Exchange& told : test.recorder.heard) {
    INFO(told.request_line);
    CHECK(told.request_line.find(secret) == std::string::npos);
    CHECK(told.error_message.find(secret) == std::string::npos);
  }
}

TEST_CASE("Exchanges: a line is of a bounded length") {
  Observed test;
  const AtDebug debug;
  CHECK(test.line_of({"SET", "k", std::string(5000, 'x')}) ==
        "SET \"k\" \"" + std::string(128, 'x') + "\"(5000 bytes)");
  std::vector<std::string_view> many(1000, "value");
  many[0] = "DEL";
  test.client.run(many);
  CHECK(test.recorder.heard.back().request_line.size() < 1200);
  CHECK(test.recorder.heard.back().request_line.ends_with(" more)"));
}
