// The command lines and variables of other servers, as compose files and test libraries give them.
#include "server/command/peers.h"

#include "tests/catch.h"

using namespace bodega::server;

namespace {

std::string why_not(const std::vector<const char*>& words, const Environment& environment = {}) {
  try {
    read_config(words, environment);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("MinIO's words: a folder, its port, and flags of ours beside them") {
  const std::vector<const char*> words{"server", "--console-address", ":9001", "/data"};
  const Config java = read_config(words, {});
  CHECK(java.data == "/data");
  CHECK(java.http.at(0).text() == "127.0.0.1:9000");
  CHECK(java.says_as_minio);
  REQUIRE(java.warnings.size() == 1);
  CHECK(java.warnings[0].starts_with("--console-address :9001 has no effect"));

  const std::vector<const char*> more{"server", "/data", "--address=:9000", "--redis", "off"};
  const Config config = read_config(more, {});
  CHECK(config.http.at(0).text() == "0.0.0.0:9000");
  CHECK(config.redis.empty());
  CHECK(config.warnings.empty());
  // What a container's variables say is nearer than MinIO's default.
  CHECK(read_config(words, {{"BODEGA_HTTP", ":4566"}}).http.at(0).port == 4566);
}

TEST_CASE("MinIO's words: what cannot be carried out is refused") {
  CHECK(why_not({"server"}).starts_with("bodega server takes one folder"));
  CHECK(why_not({"server", "/a", "/b"}).starts_with("bodega server takes one folder"));
  CHECK(why_not({"server", "/a", "--address"}) == "--address needs a value");
  CHECK(why_not({"server", "/a", "--certs-dir", "/c"}).find("--certs-dir") != std::string::npos);
}

TEST_CASE("DynamoDB Local's words: shared, in memory, port and folder") {
  const std::vector<const char*> image{"-Djava.library.path=./DynamoDBLocal_lib", "-jar",
                                       "DynamoDBLocal.jar", "-sharedDb", "-inMemory"};
  const Config config = read_config(image, {{"BODEGA_DATA", "/kept"}});
  CHECK(config.shared_db);
  CHECK(config.data.empty());
  CHECK(config.http.at(0).text() == "127.0.0.1:8000");
  const std::vector<const char*> words{"-port", "9999", "-dbPath", "/d", "--threads", "2"};
  const Config other = read_config(words, {});
  CHECK(other.http.at(0).text() == "127.0.0.1:9999");
  CHECK(other.data == "/d");
  CHECK(other.threads == 2);
  CHECK_FALSE(other.shared_db);
}

TEST_CASE("DynamoDB Local's words: what cannot be carried out is refused") {
  CHECK(why_not({"-inMemory", "-dbPath", "/d"}) == "give -inMemory or -dbPath, not both");
  CHECK(why_not({"-delayTransientStatuses"}).starts_with("-delayTransientStatuses is not carried"));
  CHECK(why_not({"-jar", "Other.jar"}).find("only DynamoDBLocal.jar") != std::string::npos);
  CHECK(why_not({"-sharedDb", "-port"}) == "-port needs a value");
  CHECK(why_not({"-sharedDB"}).find("there is no flag \"-sharedDB\"") != std::string::npos);
}

TEST_CASE("Redis's words: password, port and folder, in one word or two") {
  const std::vector<const char*> alone{"redis-server"};
  CHECK(read_config(alone, {}).redis.at(0).address.port == 6379);
  const std::vector<const char*> node{"redis-server", "--requirepass secret", "--save 1 1 ",
                                      "--appendonly yes"};
  CHECK(read_config(node, {}).redis_password == "secret");
  const std::vector<const char*> quoted{"valkey-server", "--requirepass \"secret\""};
  CHECK(read_config(quoted, {}).redis_password == "secret");
  const std::vector<const char*> words{"valkey-server", "--save", "60",     "1",   "--dir", "/d",
                                       "--requirepass", "secret", "--port", "7000"};
  const Config config = read_config(words, {});
  CHECK(config.redis_password == "secret");
  CHECK(config.redis.at(0).address.text() == "127.0.0.1:7000");
  CHECK(config.data == "/d");
  CHECK(why_not({"redis-server", "/etc/redis.conf"}) ==
        "\"/etc/redis.conf\" of redis-server is not carried out");
  CHECK(why_not({"redis-server", "--maxmemory", "1mb"}).find("--maxmemory") != std::string::npos);
  CHECK(why_not({"redis-server", "--requirepass"}) == "--requirepass needs a value");
}

TEST_CASE("LocalStack's variables are settings, below ours") {
  const Environment environment{{"GATEWAY_LISTEN", "0.0.0.0:4566, 127.0.0.1,:443"},
                                {"LOCALSTACK_HOST", "localhost.localstack.cloud:4566"},
                                {"PERSISTENCE", "1"},
                                {"SERVICES", "s3,sqs,dynamodb"},
                                {"DEBUG", "1"}};
  const Config config = read_config({}, environment);
  REQUIRE(config.http.size() == 3);
  CHECK(config.http[1].text() == "127.0.0.1:4566");
  CHECK(config.domains == std::vector<std::string>{"localhost.localstack.cloud"});
  CHECK(config.data == "/var/lib/localstack");
  CHECK(config.services == std::vector<std::string>{"s3", "dynamodb"});
  CHECK(config.warnings == std::vector<std::string>{"SERVICES asks for what is not here: sqs"});
  CHECK(config.log_level == bodega::log::Level::kDebug);
  CHECK(config.taken.size() == 5);
  CHECK(config.taken[0] == "http = 0.0.0.0:4566,127.0.0.1:4566,:443 (GATEWAY_LISTEN)");

  Environment both = environment;
  both["BODEGA_HTTP"] = "7000";
  both["BODEGA_DATA"] = "/ours";
  both["LS_LOG"] = "warning";
  const Config ours = read_config({}, both);
  CHECK(ours.http.at(0).port == 7000);
  CHECK(ours.data == "/ours");
  CHECK(ours.log_level == bodega::log::Level::kWarn);
  CHECK(ours.taken.size() == 3);
}

TEST_CASE("LocalStack's variables: those that mean nothing here are left alone") {
  const Config config = read_config({}, {{"PERSISTENCE", "0"},
                                         {"DEBUG", "express:*"},
                                         {"LS_LOG", "loud"},
                                         {"SERVICES", "sqs,sns"},
                                         {"GATEWAY_LISTEN", ""}});
  CHECK(config.data.empty());
  CHECK(config.log_level == bodega::log::Level::kInfo);
  CHECK(config.services.empty());
  CHECK(config.taken.empty());
  const Config loose = read_config({}, {{"SERVICES", "s3"}, {"STRICT_SERVICE_LOADING", "0"}});
  CHECK(loose.services.empty());
}

TEST_CASE("MinIO's variables: a key that --auth verify takes, and is not shown") {
  const Environment environment{{"MINIO_ROOT_USER", "minioadmin"},
                                {"MINIO_ROOT_PASSWORD", "hidden"},
                                {"MINIO_DOMAIN", "s3.test"}};
  const std::vector<const char*> words{"--auth", "verify"};
  const Config config = read_config(words, environment);
  CHECK(config.root_user == "minioadmin");
  CHECK(config.root_password == "hidden");
  CHECK(config.domains == std::vector<std::string>{"s3.test"});
  for (const std::string& sentence : config.taken) {
    CHECK(sentence.find("hidden") == std::string::npos);
  }
  CHECK(config.taken.size() == 3);
  CHECK(read_config({}, {{"MINIO_ROOT_USER", "alone"}}).root_user.empty());
}
