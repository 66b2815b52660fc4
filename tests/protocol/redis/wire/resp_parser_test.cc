#include "protocol/redis/wire/resp_parser.h"

#include <string>

#include "tests/catch.h"

namespace bodega::redis::test {
namespace {

using State = RespParser::State;

// Everything the bytes hold, parsed in one go or fed so many bytes at a time: "a|b" per command,
// "!text" for an error, "." for something empty.
std::vector<std::string> parse_all(const std::string& bytes, std::size_t step,
                                   RespParser::Limits limits = {}) {
  RespParser parser;
  std::vector<std::string> out;
  std::string input;
  std::size_t fed = 0;
  while (true) {
    // A copy each time: the buffer moves between calls, as a session's may.
    const std::string moved = input;
    const State state = parser.parse(moved, limits);
    if (state == State::kNeedMore) {
      if (fed == bytes.size()) return out;
      const std::size_t count = std::min(step, bytes.size() - fed);
      input.append(bytes, fed, count);
      fed += count;
      continue;
    }
    if (state == State::kError) {
      out.push_back("!" + parser.error());
      return out;
    }
    std::string text;
    for (const auto arg : parser.args()) text += (text.empty() ? "" : "|") + std::string(arg);
    out.push_back(state == State::kEmpty ? "." : text);
    input.erase(0, parser.consumed());
  }
}

}  // namespace

TEST_CASE("RESP parser: the same commands come out however the bytes are cut") {
  const std::string bytes =
      "*2\r\n$3\r\nGET\r\n$1\r\nk\r\nPING\r\n\r\n*0\r\n*-1\r\n*1\r\n$0\r\n\r\n"
      "*3\r\n$3\r\nSET\r\n$4\r\na\r\nb\r\n$5\r\n12345\r\nset  x \"a b\"\n";
  const std::vector<std::string> wanted{"GET|k",    "PING", ".", ".", ".", "", "SET|a\r\nb|12345",
                                        "set|x|a b"};
  for (const std::size_t step : {1u, 2u, 3u, 7u, 1000u}) CHECK(parse_all(bytes, step) == wanted);
}

TEST_CASE("RESP parser: protocol errors in Redis's words") {
  const std::string prefix = "!ERR Protocol error: ";
  const auto error = [&](const std::string& bytes, RespParser::Limits limits = {}) {
    return parse_all(bytes, 1000000, limits).back();
  };
  CHECK(error("SET \"a\r\n") == prefix + "unbalanced quotes in request");
  CHECK(error("set 'a'b\r\n") == prefix + "unbalanced quotes in request");
  CHECK(error("*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n") == prefix + "expected '$', got 'f'");
  CHECK(error("*1\r\n$-1\r\n") == prefix + "invalid bulk length");
  CHECK(error("*1\r\n$600000000\r\n") == prefix + "invalid bulk length");
  CHECK(error("*1\r\n$abc\r\n") == prefix + "invalid bulk length");
  CHECK(error("*3000000000\r\n") == prefix + "invalid multibulk length");
  CHECK(error("*1x\r\n") == prefix + "invalid multibulk length");
  CHECK(error("*" + std::string(70000, '1')) == prefix + "too big mbulk count string");
  CHECK(error("*1\r\n$" + std::string(70000, '1')) == prefix + "too big bulk count string");
  CHECK(error(std::string(70000, 'a')) == prefix + "too big inline request");
  CHECK(error("*11\r\n", {.authenticated = false}) == prefix + "unauthenticated multibulk length");
  CHECK(error("*1\r\n$16385\r\n", {.authenticated = false}) ==
        prefix + "unauthenticated bulk length");
  CHECK(parse_all("*10\r\n", 100, {.authenticated = false}).empty());
}

TEST_CASE("RESP parser: a bulk string that is on its way says how much is wanted") {
  RespParser parser;
  const std::string head = "*2\r\n$3\r\nGET\r\n$100000\r\nabc";
  REQUIRE(parser.parse(head, {}) == State::kNeedMore);
  CHECK(parser.wanted_bytes() == head.size() - 3 + 100000 + 2);
}

TEST_CASE("Inline requests: quoting as in a shell") {
  std::vector<std::string> words;
  REQUIRE(split_arguments("SET \"a\\x41\\n\\\"\" 'c\\'d\\n' e", words));
  CHECK(words == std::vector<std::string>{"SET", "aA\n\"", "c'd\\n", "e"});
  REQUIRE(split_arguments("  \t ", words));
  CHECK(words.empty());
  REQUIRE(split_arguments("a \"\"", words));
  CHECK(words == std::vector<std::string>{"a", ""});
  CHECK_FALSE(split_arguments("a 'b", words));
  CHECK_FALSE(split_arguments("\"a\"b", words));
}

// redis-server 7.0.15 looks for the end of a line no further than a zero byte.
TEST_CASE("RespParser: an inline request with a zero byte never ends") {
  const std::string bytes("PING\0\r\nPING\r\n", 14);
  CHECK(parse_all(bytes, bytes.size()).empty());
}

}  // namespace bodega::redis::test
