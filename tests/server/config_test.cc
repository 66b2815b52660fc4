// The settings: every way to give them, which one wins, and what is said to nonsense.
#include "server/config.h"

#include <cstdlib>
#include <fstream>
#include <map>

#include "server/settings.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega::server;

namespace {

using Variables = std::map<std::string, std::string>;

std::variant<Config, Farewell> read(std::vector<const char*> flags,
                                    const Variables& variables = {}) {
  return read_config(flags, [&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

Config good(std::vector<const char*> flags, const Variables& variables = {}) {
  auto result = read(std::move(flags), variables);
  if (const auto* farewell = std::get_if<Farewell>(&result)) FAIL(farewell->text);
  return std::get<Config>(result);
}

Farewell bad(std::vector<const char*> flags, const Variables& variables = {}) {
  auto result = read(std::move(flags), variables);
  REQUIRE(std::holds_alternative<Farewell>(result));
  const Farewell farewell = std::get<Farewell>(result);
  CHECK(farewell.status == 2);
  CHECK(farewell.text.find('\n') == std::string::npos);
  return farewell;
}

}  // namespace

TEST_CASE("Config: the defaults") {
  const Config config = good({});
  CHECK(config.http->text() == "127.0.0.1:4566");
  CHECK(config.redis.at(0).address.text() == "127.0.0.1:6379");
  CHECK(config.data.empty());
  CHECK(config.durability == bodega::base::Durability::kProcess);
  CHECK(config.log_level == bodega::log::Level::kInfo);
  CHECK_FALSE(config.verify_signatures);
  CHECK(config.max_connections == 10'000);
}

TEST_CASE("Config: flags, in both spellings, and the last one wins") {
  const Config config =
      good({"--http", "[::1]:80", "--redis=off", "--data", "/d", "--threads=1", "--threads", "3",
            "--durability", "power", "--log-level", "debug", "--domains", "a.test,b.test"});
  CHECK(config.http->host == "::1");
  CHECK(config.http->port == 80);
  CHECK(config.http->text() == "[::1]:80");
  CHECK(config.redis.empty());
  CHECK(config.data == "/d");
  CHECK(config.threads == 3);
  CHECK(config.durability == bodega::base::Durability::kPower);
  CHECK(config.log_level == bodega::log::Level::kDebug);
  CHECK(config.domains == std::vector<std::string>{"a.test", "b.test"});
}

TEST_CASE("Config: Redis at several addresses, each with a name but for one") {
  const Config config = good({"--redis", "127.0.0.1:6379,cache=127.0.0.1:6380,b-2=[::1]:0"});
  REQUIRE(config.redis.size() == 3);
  CHECK(config.redis[0].name.empty());
  CHECK(config.redis[1].name == "cache");
  CHECK(config.redis[1].address.text() == "127.0.0.1:6380");
  CHECK(config.redis[2].name == "b-2");
  CHECK(good({}, {{"BODEGA_REDIS", "cache=127.0.0.1:1"}}).redis.at(0).name == "cache");
  CHECK(bad({"--redis", "here"}).text.starts_with("--redis: \"here\" is not ADDR:PORT"));
  CHECK(bad({"--redis", ","}).text.starts_with("--redis: \",\" is not ADDR:PORT"));
  CHECK(bad({"--redis", ":1,:2"}).text.find("one address without a name") != std::string::npos);
  CHECK(bad({"--redis", "a=:1,a=:2"}).text.find("\"a\" is there twice") != std::string::npos);
  CHECK(bad({"--redis", "A=:1"}).text.find("\"A\" is no name") != std::string::npos);
  CHECK(bad({"--redis", "=:1"}).text.find("\"\" is no name") != std::string::npos);
  CHECK(bad({"--redis", ":1,a=off"}).text.find("off stands alone") != std::string::npos);
}

TEST_CASE("Config: command line over environment over file over default") {
  const bodega::tests::ScratchFolder folder;
  const std::string path = (folder / "bodega.conf").string();
  std::ofstream(path) << "# a comment\nthreads = 2\nmax-connections = 7\n"
                         "http = \"127.0.0.1:1000\"\ndata = /from/file\n";
  const Variables variables{{"BODEGA_CONFIG", path},
                            {"BODEGA_HTTP", "127.0.0.1:2000"},
                            {"BODEGA_MAX_CONNECTIONS", "8"},
                            {"BODEGA_DATA", ""}};
  const Config config = good({"--http", ":3000"}, variables);
  CHECK(config.http->text() == "0.0.0.0:3000");
  CHECK(config.max_connections == 8);
  CHECK(config.threads == 2);
  CHECK(config.data == "/from/file");  // an empty variable is none
  CHECK(good({"--config", path.c_str()}).http->port == 1000);
}

TEST_CASE("Config: nonsense is told in one line that names its source") {
  CHECK(bad({"--http", "here"}).text.starts_with("--http: \"here\" is not ADDR:PORT"));
  CHECK(bad({"--http", "127.0.0.1:66000"}).text.starts_with("--http: "));
  CHECK(bad({"--http", "example.com:80"}).text.starts_with("--http: "));
  CHECK(bad({"--durability", "much"}).text ==
        "--durability: \"much\" is none of none, process, power");
  CHECK(bad({"--threads", "-1"}).text.find("--threads") != std::string::npos);
  const std::string threads = bad({}, {{"BODEGA_THREADS", "x"}}).text;
  CHECK(threads.starts_with("BODEGA_THREADS: \"x\" is not a number"));
  CHECK(bad({"--unknown"}).text.find("--unknown") != std::string::npos);
  CHECK(bad({"stray"}).text.find("stray") != std::string::npos);
  CHECK(bad({"--config", "/nowhere/at/all"}).text.find("/nowhere/at/all") != std::string::npos);
  CHECK(bad({"--auth", "verify"}).text.find("--credentials") != std::string::npos);

  const bodega::tests::ScratchFolder folder;
  const std::string path = (folder / "bodega.conf").string();
  std::ofstream(path) << "colour = blue\n";
  CHECK(bad({"--config", path.c_str()}).text.find("there is no setting \"colour\"") !=
        std::string::npos);
  std::ofstream(path) << "threads = many\n";
  CHECK(bad({"--config", path.c_str()}).text.starts_with(path + ": threads: "));
}

TEST_CASE("Config: help, version and the README's table name every setting") {
  for (const char* flag : {"--help", "--help-markdown"}) {
    const auto result = read({flag});
    const Farewell& farewell = std::get<Farewell>(result);
    CHECK(farewell.status == 0);
    for (const Setting& setting : settings()) {
      CHECK(farewell.text.find("--" + std::string(setting.name)) != std::string::npos);
      CHECK(farewell.text.find(environment_name(setting)) != std::string::npos);
    }
  }
  CHECK(std::get<Farewell>(read({"--version"})).text == "bodega " BODEGA_VERSION "\n");
}

TEST_CASE("Config: origins are checked when they are given") {
  CHECK(good({"--cors-origins", "https://app.example.com,*.dev.example"}).cors_origins ==
        std::vector<std::string>{"https://app.example.com", "*.dev.example"});
  CHECK(bad({"--cors-origins", "a.example,https://app.example.com/"})
            .text.starts_with("--cors-origins: \"https://app.example.com/\" is no origin"));
}

TEST_CASE("Config: the password may stand in the first line of a file") {
  const bodega::tests::ScratchFolder folder;
  const std::string path = (folder / "password").string();
  std::ofstream(path) << "open sesame\r\nand a note\n";
  CHECK(good({"--redis-password-file", path.c_str()}).redis_password == "open sesame");
  CHECK(good({}, {{"BODEGA_REDIS_PASSWORD_FILE", path}}).redis_password == "open sesame");
  CHECK(
      bad({"--redis-password-file", path.c_str(), "--redis-password", "x"}).text.find("not both") !=
      std::string::npos);
  CHECK(bad({"--redis-password-file", "/nowhere/at/all"}).text ==
        "--redis-password-file: /nowhere/at/all cannot be read");
  std::ofstream(path) << "\nopen sesame\n";
  CHECK(bad({"--redis-password-file", path.c_str()}).text.ends_with("begins with an empty line"));
}

TEST_CASE("Config: passwords are taken out of the arguments, and nothing else is") {
  std::vector<std::string> words{"bodega",
                                 "--redis-password",
                                 "secret",
                                 "--data",
                                 "secret",
                                 "--redis-password=other",
                                 "--redis-password-file",
                                 "file",
                                 "--redis-password"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  hide_secrets(static_cast<int>(arguments.size()), arguments.data());
  CHECK(words == std::vector<std::string>{"bodega", "--redis-password", "xxxxxx", "--data",
                                          "secret", "--redis-password=xxxxx",
                                          "--redis-password-file", "file", "--redis-password"});
}
