// The settings: every way to give them, which one wins, and what is said to nonsense.
#include "server/command/config.h"

#include <fstream>
#include <sstream>

#include "server/command/commands.h"
#include "server/command/help.h"
#include "server/command/settings.h"
#include "server/command/version.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega::server;

namespace {

Config good(std::vector<const char*> flags, const Environment& environment = {}) {
  return read_config(flags, environment);
}

std::string bad(std::vector<const char*> flags, const Environment& environment = {}) {
  try {
    read_config(flags, environment);
  } catch (const UsageError& error) {
    const std::string text = error.what();
    CHECK(text.find('\n') == std::string::npos);
    return text;
  }
  FAIL("it is taken");
  return "";
}

}  // namespace

TEST_CASE("Config: the defaults") {
  const Config config = good({});
  CHECK(config.http.at(0).text() == "127.0.0.1:4566");
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
  CHECK(config.http.at(0).host == "::1");
  CHECK(config.http.at(0).port == 80);
  CHECK(config.http.at(0).text() == "[::1]:80");
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
  CHECK(bad({"--redis", "here"}).starts_with("--redis: \"here\" is not ADDR:PORT"));
  CHECK(bad({"--redis", ","}).starts_with("--redis: \",\" is not ADDR:PORT"));
  CHECK(bad({"--redis", ":1,:2"}).find("one address without a name") != std::string::npos);
  CHECK(bad({"--redis", "a=:1,a=:2"}).find("\"a\" is there twice") != std::string::npos);
  CHECK(bad({"--redis", "A=:1"}).find("\"A\" is no name") != std::string::npos);
  CHECK(bad({"--redis", "=:1"}).find("\"\" is no name") != std::string::npos);
  CHECK(bad({"--redis", ":1,a=off"}).find("off stands alone") != std::string::npos);
}

TEST_CASE("Config: command line over environment over file over default") {
  const bodega::tests::ScratchFolder folder;
  const std::string path = (folder / "bodega.conf").string();
  std::ofstream(path) << "# a comment\nthreads = 2\nmax-connections = 7\n"
                         "http = \"127.0.0.1:1000\"\ndata = /from/file\n";
  const Environment variables{{"BODEGA_CONFIG", path},
                              {"BODEGA_HTTP", "127.0.0.1:2000"},
                              {"BODEGA_MAX_CONNECTIONS", "8"},
                              {"BODEGA_DATA", ""}};
  const Config config = good({"--http", ":3000"}, variables);
  CHECK(config.http.at(0).text() == "0.0.0.0:3000");
  CHECK(config.max_connections == 8);
  CHECK(config.threads == 2);
  CHECK(config.data == "/from/file");  // an empty variable is none
  CHECK(good({"--config", path.c_str()}).http.at(0).port == 1000);
}

TEST_CASE("Config: nonsense is told in one line that names its source") {
  CHECK(bad({"--http", "here"}).starts_with("--http: \"here\" is not ADDR:PORT"));
  CHECK(bad({"--http", "127.0.0.1:66000"}).starts_with("--http: "));
  CHECK(bad({"--http", "example.com:80"}).starts_with("--http: "));
  CHECK(bad({"--durability", "much"}) == "--durability: \"much\" is none of none, process, power");
  CHECK(bad({"--threads", "-1"}).find("--threads") != std::string::npos);
  const std::string threads = bad({}, {{"BODEGA_THREADS", "x"}});
  CHECK(threads.starts_with("BODEGA_THREADS: \"x\" is not a number"));
  CHECK(bad({"--unknown"}).find("--unknown") != std::string::npos);
  CHECK(bad({"--redis", "1", "check"}) == "a command comes before the settings: bodega check");
  CHECK(bad({"stray"}).find("stray") != std::string::npos);
  CHECK(bad({"--config", "/nowhere/at/all"}).find("/nowhere/at/all") != std::string::npos);
  CHECK(bad({"--auth", "verify"}).find("--credentials") != std::string::npos);

  const bodega::tests::ScratchFolder folder;
  const std::string path = (folder / "bodega.conf").string();
  std::ofstream(path) << "colour = blue\n";
  CHECK(bad({"--config", path.c_str()}).find("there is no setting \"colour\"") !=
        std::string::npos);
  std::ofstream(path) << "threads = many\n";
  CHECK(bad({"--config", path.c_str()}).starts_with(path + ":1: threads: "));
}

TEST_CASE("Config: several HTTP addresses, and ports alone") {
  const auto texts = [](const char* text) {
    std::string all;
    for (const Address& address : good({"--http", text}).http) all += address.text() + " ";
    return all;
  };
  CHECK(texts("127.0.0.1:4566, [::1]:8000,localhost:9000") ==
        "127.0.0.1:4566 [::1]:8000 127.0.0.1:9000 ");
  CHECK(texts("9000") == "127.0.0.1:9000 ");
  CHECK(texts(":9000,0,0") == "0.0.0.0:9000 127.0.0.1:0 127.0.0.1:0 ");
  CHECK(good({"--redis", "6000,cache=:6001"}).redis.at(1).address.text() == "0.0.0.0:6001");
  CHECK(bad({"--http", "9000,127.0.0.1:9000"}) == "--http: 127.0.0.1:9000 is there twice");
  CHECK(bad({"--http", "9000,off"}) == "--http: off stands alone");
  CHECK(bad({"--http", "example.com:80"}).find("of host names only localhost") !=
        std::string::npos);
  CHECK(good({"--http", "off"}).http.empty());
  CHECK(bad({"--http", "off", "--redis", "off"}).find("nothing to serve") != std::string::npos);
}

TEST_CASE("Config: what was meant is told") {
  CHECK(bad({"--htp", "127.0.0.1:1"}) == "there is no flag \"--htp\"; did you mean --http?");
  CHECK(bad({"--threds=2"}).ends_with("did you mean --threads?"));
  CHECK(bad({"--port", "9000"}) == "there is no --port here; --http is what it is called");
  CHECK(bad({"helth"}) == "there is no command \"helth\"; did you mean health?");
  CHECK(bad({"--redis", "1", "check"}) == "a command comes before the settings: bodega check");
  CHECK(bad({"stray"}) == "there is no command \"stray\"; see bodega --help");
  CHECK(bad({"--durability", "proces"}).ends_with("did you mean process?"));
  CHECK(bad({"--services", "s3,dynamo"}) ==
        "--services: \"dynamo\" is none of s3, dynamodb, kms, sts; did you mean dynamodb?");
  CHECK(bad({"--data"}) == "--data: 1 required DIR missing");
  CHECK(bad({"--data", "--threads", "2"}) == "--data needs a value: DIR");
}

TEST_CASE("Config: an empty folder name is a slip, and off is none") {
  CHECK(bad({"--data", ""}).starts_with("--data: the name is empty"));
  CHECK(bad({"--data=", "--threads=2"}) == "--data needs a value: DIR");
  CHECK(good({}, {{"BODEGA_DATA", ""}}).data.empty());
  CHECK(good({"--data", "off"}, {{"BODEGA_DATA", "/d"}}).data.empty());
}

TEST_CASE("Config: a switch stands alone, and takes a word all the same") {
  CHECK_FALSE(good({}).shared_db);
  CHECK(good({"--shared-db", "--threads", "2"}).shared_db);
  CHECK_FALSE(good({"--shared-db", "--shared-db=off"}).shared_db);
  CHECK(good({}, {{"BODEGA_SHARED_DB", "1"}}).shared_db);
  CHECK(bad({"--shared-db=perhaps"}).starts_with("--shared-db: \"perhaps\" is none of"));
}

TEST_CASE("Config: a file's lines, and which of them is wrong") {
  const bodega::tests::ScratchFolder folder;
  const std::string path = (folder / "bodega.conf").string();
  const auto write = [&path](const char* text) { std::ofstream(path) << text; };
  const auto why = [&path] { return bad({"--config", path.c_str()}); };
  write("; one\r\n\n  threads=3 # of four\ndata = '/with blanks in it'\nhttp = 8000, 9000\n");
  const Config config = good({"--config", path.c_str()});
  CHECK(config.threads == 3);
  CHECK(config.data == "/with blanks in it");
  CHECK(config.http.size() == 2);
  write("threads = 2\n\ndata: /x\n");
  CHECK(why() ==
        "--config: " + path + ":3: there is no setting \"data: /x\"; a line is name = value");
  write("thread = 2\n");
  CHECK(why() == "--config: " + path + ":1: there is no setting \"thread\"; did you mean threads?");
  write("\nthreads = many\n");
  CHECK(why().starts_with(path + ":2: threads: \"many\" is not a number"));
  CHECK(bad({}, {{"BODEGA_CONFIG", folder.path().string()}}) ==
        "BODEGA_CONFIG: " + folder.path().string() +
            " is a folder, and should be a file with settings");
}

TEST_CASE("Config: variables of our name that are no settings are told") {
  const Environment environment{{"BODEGA_HTPP", "9000"},
                                {"BODEGA_THREADS", "2"},
                                {"BODEGA_PORT", "tcp://10.0.0.1:4566"},
                                {"BODEGA_PORT_4566_TCP", "tcp://10.0.0.1:4566"},
                                {"BODEGA_SERVICE_HOST", "10.0.0.1"},
                                {"BODEGAS", "3"}};
  const Config config = good({}, environment);
  REQUIRE(config.warnings.size() == 1);
  CHECK(config.warnings[0] ==
        "the environment variable BODEGA_HTPP is no setting and is ignored; did you mean "
        "BODEGA_HTTP?");
  CHECK(good({}, {{"BODEGA_PORT", "9000"}}).warnings.size() == 1);
}

TEST_CASE("Config: a root user is a key that verification takes") {
  const Config config =
      good({"--auth", "verify", "--root-user", "admin", "--root-password", "secret"});
  CHECK(config.root_user == "admin");
  CHECK(bad({"--root-user", "admin"}) == "--root-user and --root-password go together");
}

TEST_CASE("Config: help and the documents' table name every setting and every command") {
  for (const std::string& text : {help_text(), settings_as_markdown()}) {
    for (const Setting& setting : settings()) {
      CHECK(text.find("--" + std::string(setting.name)) != std::string::npos);
      CHECK(text.find(environment_name(setting)) != std::string::npos);
    }
  }
  for (const Command& command : commands()) {
    if (command.help.empty()) continue;
    CHECK(help_text().find("  bodega " + std::string(command.name)) != std::string::npos);
    CHECK(help_text(command).find(command.name) != std::string::npos);
  }
  std::istringstream lines(help_text());
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 90);
}

TEST_CASE("Command line: the command is its first word, or help wherever it stands") {
  const auto chosen = [](std::vector<const char*> words) {
    const ChosenCommand one = choose_command(words);
    std::string text(one.command == nullptr ? "(serve)" : one.command->name);
    for (const char* argument : one.arguments) text += std::string(" ") + argument;
    return text;
  };
  CHECK(chosen({}) == "(serve)");
  CHECK(chosen({"--data", "verify"}) == "(serve)");
  CHECK(chosen({"verify", "/d"}) == "verify /d");
  CHECK(chosen({"verify", "--help"}) == "help verify");
  CHECK(chosen({"--data", "/d", "--help"}) == "--help");
  CHECK(chosen({"-V"}) == "-V");
  CHECK(chosen({"help", "check"}) == "help check");
}

TEST_CASE("Version: the commit, the build and the libraries are named") {
  const std::string version = version_text();
  CHECK(version.starts_with("bodega " BODEGA_VERSION "\ncommit "));
  CHECK(version.find("\nbuild ") != std::string::npos);
  CHECK(version.find("\nlibraries RocksDB ") != std::string::npos);
}

TEST_CASE("Config: origins are checked when they are given") {
  CHECK(good({"--cors-origins", "https://app.example.com,*.dev.example"}).cors_origins ==
        std::vector<std::string>{"https://app.example.com", "*.dev.example"});
  CHECK(bad({"--cors-origins", "a.example,https://app.example.com/"})
            .starts_with("--cors-origins: \"https://app.example.com/\" is no origin"));
}

TEST_CASE("Config: the password may stand in the first line of a file") {
  const bodega::tests::ScratchFolder folder;
  const std::string path = (folder / "password").string();
  std::ofstream(path) << "open sesame\r\nand a note\n";
  CHECK(good({"--redis-password-file", path.c_str()}).redis_password == "open sesame");
  CHECK(good({}, {{"BODEGA_REDIS_PASSWORD_FILE", path}}).redis_password == "open sesame");
  CHECK(bad({"--redis-password-file", path.c_str(), "--redis-password", "x"}).find("not both") !=
        std::string::npos);
  CHECK(bad({"--redis-password-file", "/nowhere/at/all"}) ==
        "--redis-password-file: /nowhere/at/all cannot be read");
  std::ofstream(path) << "\nopen sesame\n";
  CHECK(bad({"--redis-password-file", path.c_str()}).ends_with("begins with an empty line"));
}

TEST_CASE("Config: an ACL file for each Redis that is there") {
  const Config config = good({"--redis", "6379,cache=6380", "--redis-acl-file", "a,cache=b"});
  CHECK(config.redis_acl_files.at("") == "a");
  CHECK(config.redis_acl_files.at("cache") == "b");
  CHECK(bad({"--redis-acl-file", "a,b"}).ends_with("there can be one file without a name only"));
  CHECK(bad({"--redis-acl-file", "cache=b"}) ==
        "--redis-acl-file: no --redis cache=ADDR:PORT is there for b");
  CHECK(bad({"--redis-acl-file", "a", "--redis-password", "x"}).find("not both") !=
        std::string::npos);
}

TEST_CASE("Config: a socket in the file system stands behind the address of its Redis") {
  const Config config = good({"--redis", "6379,unix:/a,cache=6380,cache=unix:/b=c"});
  REQUIRE(config.redis.size() == 2);
  CHECK(config.redis[0].unix_path == "/a");
  CHECK(config.redis[1].unix_path == "/b=c");
  CHECK(config.redis_socket_mode == 0700);
  CHECK(good({"--redis-socket-mode", "770"}).redis_socket_mode == 0770);
  CHECK(bad({"--redis-socket-mode", "789"}).ends_with("is no mode, such as 700 or 770"));
  CHECK(bad({"--redis", "unix:/a"}).find("goes behind the address") != std::string::npos);
  CHECK(bad({"--redis", "6379,unix:a"}).find("is no absolute path") != std::string::npos);
  CHECK(bad({"--redis", "6379,unix:/a,unix:/b"}).ends_with("one unix: of a Redis"));
}

TEST_CASE("Config: certificates of clients need authorities, and hold for TLS alone") {
  using Wanted = Config::ClientCertificates;
  CHECK(good({}).client_certificates == Wanted::kNo);
  CHECK(good({"--tls-auth-clients", "optional", "--tls-ca", "f"}).client_certificates ==
        Wanted::kOptional);
  const Config config = good({"--tls", "only", "--tls-auth-clients", "required", "--tls-ca", "f"});
  CHECK(config.client_certificates == Wanted::kRequired);
  CHECK(config.tls);
  CHECK(config.tls_only);
  CHECK(bad({"--tls-auth-clients", "optional"}).ends_with("--tls-ca FILE"));
  CHECK(bad({"--tls-auth-clients", "required", "--tls-ca", "f"}).ends_with("it needs --tls only"));
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
                                 "--requirepass",
                                 "secret",
                                 "--requirepass secret",
                                 "--redis-password"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  hide_secrets(static_cast<int>(arguments.size()), arguments.data());
  CHECK(words == std::vector<std::string>{"bodega", "--redis-password", "xxxxxx", "--data",
                                          "secret", "--redis-password=xxxxx",
                                          "--redis-password-file", "file", "--requirepass",
                                          "xxxxxx", "--requirepass xxxxxx", "--redis-password"});
}
