// The whole process, assembled as main() does it: all listeners answer, and what cannot start says
// why.
#include "server/assembly.h"

#include <regex>

#include "engines/base/fault.h"
#include "server/net/start_error.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"
#include "tests/server/fixture.h"

using namespace bodega;
using namespace bodega::server;
using namespace bodega::server::test;

namespace {

Config config_with(std::vector<const char*> flags) {
  flags.insert(flags.begin(), {"--http", "127.0.0.1:0", "--redis", "127.0.0.1:0", "--threads", "2",
                               "--log-level", "error"});
  return read_config(flags, {});
}

std::uint16_t port_in(const std::string& line, const std::string& scheme) {
  std::smatch match;
  REQUIRE(std::regex_search(line, match, std::regex(scheme + "://127\\.0\\.0\\.1:([0-9]+)")));
  return static_cast<std::uint16_t>(std::stoi(match[1]));
}

std::string why_not(const std::vector<const char*>& flags) {
  try {
    Assembly assembly(config_with(flags));
  } catch (const StartError& error) {
    return error.what();
  } catch (const base::StorageFault& fault) {
    return fault.what();
  }
  return "";
}

std::string command(std::uint16_t port, const std::string& line, std::size_t reply_bytes) {
  Client client(port);
  client.send(line + "\r\n");
  return client.read(reply_bytes);
}

}  // namespace

TEST_CASE("Process: all protocols answer, and their data outlives a restart") {
  const tests::ScratchFolder folder;
  const std::string data = (folder / "data").string();
  {
    Assembly assembly(config_with({"--data", data.c_str()}));
    CHECK(assembly.start_lines().find("data in " + data + ", durability process") !=
          std::string::npos);
    assembly.start();
    const std::string ready = assembly.ready_lines();
    Client http(port_in(ready, "http"));
    http.send("GET /_localstack/health HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(http.reply().body.find("\"dynamodb\": \"running\"") != std::string::npos);
    http.send("PUT /my-bucket HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    CHECK(http.reply().status == 200);
    http.send("PUT /my-bucket/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
    CHECK(http.reply().status == 200);
    http.send(
        "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\n"
        "Content-Type: application/x-amz-json-1.0\r\nAuthorization: AWS4-HMAC-SHA256 "
        "Credential=test/20260102/us-east-1/dynamodb/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=00\r\nX-Amz-Date: 20260102T030405Z\r\n"
        "Content-Length: 2\r\n\r\n{}");
    const ClientReply tables = http.reply();
    CHECK(tables.status == 200);
    CHECK(tables.body == "{\"TableNames\":[]}");
    CHECK(command(port_in(ready, "redis"), "SET a 1", 5) == "+OK\r\n");
    http.send("GET /_bodega/metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string metrics = http.reply().body;
    CHECK(metrics.find("{service=\"s3\",operation=\"PutObject\"} 1") != std::string::npos);
    CHECK(metrics.find("bodega_rocksdb_") != std::string::npos);
    CHECK(why_not({"--data", data.c_str()}).find("is in use by another Bodega") !=
          std::string::npos);
    assembly.stop();
  }
  Assembly again(config_with({"--data", data.c_str()}));
  again.start();
  Client http(port_in(again.ready_lines(), "http"));
  http.send("GET /my-bucket/k HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(http.reply().body == "hello");
  CHECK(command(port_in(again.ready_lines(), "redis"), "GET a", 7) == "$1\r\n1\r\n");
}

TEST_CASE("Process: a scratch folder is said so, and a taken port is told") {
  Assembly assembly(config_with({}));
  CHECK(assembly.start_lines().find("a scratch folder that goes away at exit") !=
        std::string::npos);
  assembly.start();
  for (const std::string scheme : {"http", "redis"}) {
    const std::string address =
        "127.0.0.1:" + std::to_string(port_in(assembly.ready_lines(), scheme));
    const std::string why = why_not({("--" + scheme).c_str(), address.c_str()});
    CHECK(why.find(address + " is taken by another process") != std::string::npos);
    CHECK(why.find("--" + scheme) != std::string::npos);
  }
}

TEST_CASE("Process: what is stored is verified on request, and the last report can be read again") {
  Assembly assembly(config_with({}));
  assembly.start();
  Client http(port_in(assembly.ready_lines(), "http"));
  const auto ask = [&http](const std::string& method) {
    http.send(method + " /_bodega/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    return http.reply();
  };
  CHECK(ask("GET").body.find("\"never run\"") != std::string::npos);
  http.send("PUT /my-bucket HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  CHECK(http.reply().status == 200);
  http.send("PUT /my-bucket/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  CHECK(http.reply().status == 200);
  const ClientReply report = ask("POST");
  CHECK(report.status == 200);
  CHECK(report.field("Content-Type") == "application/json");
  CHECK(report.body.find("\"status\": \"ok\"") != std::string::npos);
  CHECK(report.body.find("\"objects\": 1") != std::string::npos);
  CHECK(report.body.find("\"bytes\": 5") != std::string::npos);
  CHECK(ask("GET").body == report.body);
  CHECK(ask("DELETE").status == 405);
}

TEST_CASE("Process: the ready lines are addresses, and then what tools wait for") {
  const Assembly all(config_with({"--http", "0,0", "--redis", "0,cache=0"}));
  const std::string lines = all.ready_lines();
  CHECK(std::regex_match(lines, std::regex("(http://127\\.0\\.0\\.1:[1-9][0-9]*\n){2}"
                                           "redis://127\\.0\\.0\\.1:[1-9][0-9]*\n"
                                           "cache=redis://127\\.0\\.0\\.1:[1-9][0-9]*\n"
                                           "\\* Ready to accept connections\n"
                                           "Ready\\.\n")));
  const Assembly http(config_with({"--redis", "off"}));
  CHECK(http.ready_lines().find("accept connections") == std::string::npos);
  CHECK(http.ready_lines().ends_with("\nReady.\n"));
}

TEST_CASE("Process: services that are not named do not answer") {
  Assembly assembly(config_with({"--services", "dynamodb"}));
  assembly.start();
  Client http(port_in(assembly.ready_lines(), "http"));
  http.send("GET /_bodega/health HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string health = http.reply().body;
  CHECK(health.find("\"dynamodb\": \"running\"") != std::string::npos);
  CHECK(health.find("\"s3\"") == std::string::npos);
  http.send("PUT /my-bucket HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  CHECK(http.reply().status == 501);
}

TEST_CASE("Process: a listener can be off") {
  Assembly assembly(config_with({"--redis", "off"}));
  CHECK(assembly.ready_lines().find("redis") == std::string::npos);
}
