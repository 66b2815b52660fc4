// Bytes that are not HTTP, and requests that could be read in two ways.
#include <string>

#include "engines/base/random.h"
#include "server/http/reply.h"
#include "tests/catch.h"
#include "tests/server/fixture.h"

using namespace bodega::server;
using namespace bodega::server::test;

namespace {

// What the server answers to these bytes, which must be its last word.
ClientReply last_word(TestServer& server, const std::string& bytes) {
  Client client(server.port());
  client.send(bytes);
  ClientReply reply = client.reply();
  client.shutdown_send();
  CHECK(client.closed_by_server());
  return reply;
}

}  // namespace

TEST_CASE("HTTP: what is not a request gets a 400 and a closed connection") {
  TestServer server;
  const std::string rest = " HTTP/1.1\r\nHost: x\r\n";
  const std::string requests[] = {
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",  // a TLS hello
      "*1\r\n$4\r\nPING\r\n",                                  // RESP
      "GET\r\n\r\n",
      "GET  / HTTP/1.1\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET head" + rest + "\r\n",
      "GET *" + rest + "\r\n",
      "CONNECT x:80" + rest + "\r\n",
      "GET http:///p" + rest + "\r\n",
      "GET http://user@host/p" + rest + "\r\n",
      "GET /\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\nHost: x\n\n",
      "GET / HTTP/1.1\r\n\r\n",                        // no Host
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",  // two
      "GET /" + rest + "Bad Name: x\r\n\r\n",
      "GET /" + rest + ": x\r\n\r\n",
      "GET /" + rest + "Name : x\r\n\r\n",
      "GET /" + rest + std::string("A: b\0c\r\n\r\n", 10),
      "PUT /echo" + rest + "Content-Length: x\r\n\r\n",
      "PUT /echo" + rest + "Content-Length: -1\r\n\r\n",
      "PUT /echo" + rest + "Content-Length: +1\r\n\r\n",
      "PUT /echo" + rest + "Content-Length:\r\n\r\n",
      "PUT /echo" + rest + "Content-Length: 99999999999999999999999\r\n\r\n",
  };
  for (const std::string& request : requests) {
    INFO(request);
    const ClientReply reply = last_word(server, request);
    CHECK(reply.status == 400);
    CHECK(reply.field("Connection") == "close");
  }
  CHECK(server.service.begun == 0);
}

TEST_CASE("HTTP: a body framed in two ways is refused") {
  TestServer server;
  const std::string start = "PUT /echo HTTP/1.1\r\nHost: x\r\n";
  const std::string requests[] = {
      "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
      "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
      "Content-Length: 3, 4\r\n\r\nabcd",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  };
  for (const std::string& request : requests) {
    INFO(request);
    CHECK(last_word(server, start + request).status == 400);
  }
  for (const std::string encoding :
       {"gzip", "gzip, chunked", "chunked, gzip", "xchunked", "identity"}) {
    INFO(encoding);
    const std::string request = start + "Transfer-Encoding: " + encoding + "\r\n\r\n0\r\n\r\n";
    CHECK(last_word(server, request).status == 501);
  }
  const std::string old = "PUT /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  CHECK(last_word(server, old).status == 400);
  CHECK(server.service.begun == 0);
}

TEST_CASE("HTTP: a broken chunk gets a 400, and the sink is told nothing of an end") {
  TestServer server;
  const std::string start = "PUT /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  int abandoned = 0;
  for (const std::string chunks :
       {"x\r\n", "3\r\nabcd\r\n", "3\r\nabc4\r\n", "-1\r\n", "ffffffffffffffffff\r\n",
        "3\r\nabc\r\n0\r\nBad Name: x\r\n\r\n", "3;;;=\r\nabc\r\n"}) {
    INFO(chunks);
    CHECK(last_word(server, start + chunks).status == 400);
    CHECK(server.service.abandoned == ++abandoned);
  }
  // A chunk header that never ends.
  CHECK(last_word(server, start + "1;" + std::string(40'000, 'a')).status == 400);
}

TEST_CASE("HTTP: other versions are refused by name") {
  TestServer server;
  CHECK(last_word(server, "GET / HTTP/2.0\r\nHost: x\r\n\r\n").status == 505);
  CHECK(last_word(server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status >= 400);
}

TEST_CASE("HTTP: heads and targets have limits") {
  HttpLimits limits;
  limits.parser.head_bytes = 4000;
  limits.parser.target_bytes = 2000;
  TestServer server(limits);
  const auto head_of = [](std::size_t field_bytes) {
    return "GET /head HTTP/1.1\r\nHost: x\r\nA: " + std::string(field_bytes, 'a') + "\r\n\r\n";
  };
  {
    Client client(server.port());
    client.send(head_of(3900));
    CHECK(client.reply().status == 200);
  }
  const ClientReply large = last_word(server, head_of(4100));
  CHECK(large.status == 400);
  CHECK(large.body.find("RequestHeaderSectionTooLarge") != std::string::npos);
  // Many small fields, and one that never ends.
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (int i = 0; i < 2000; ++i) many += "A: b\r\n";
  CHECK(last_word(server, many).status == 400);
  CHECK(last_word(server, "GET / HTTP/1.1\r\nA: " + std::string(100'000, 'a')).status == 400);
  CHECK(last_word(server, std::string(100'000, 'A')).status == 400);
  const std::string target = "/" + std::string(2500, 'a');
  CHECK(last_word(server, "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n").status == 414);
}

TEST_CASE("HTTP: blank lines in front of a request are skipped") {
  TestServer server;
  Client client(server.port());
  client.send("\r\n\r\nGET /head HTTP/1.1\r\nHost: x\r\n\r\n\r\n");
  CHECK(client.reply().status == 200);
  client.send("\r\nGET /head HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.reply().status == 200);
}

TEST_CASE("HTTP: line breaks in a reply's values cannot forge fields") {
  bodega::http::Reply reply;
  reply.headers.add("X-Meta", "a\r\nSet-Cookie: b");
  std::string out;
  render_head(out, reply, ReplyPlan{}, "now");
  CHECK(out.find("X-Meta: a  Set-Cookie: b\r\n") != std::string::npos);
}

TEST_CASE("HTTP parser: random damage to a request never breaks it") {
  bodega::base::seed_random_for_test(7);
  const std::string good =
      "PUT /a?b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
      "5;e=\"q\"\r\nhello\r\n0\r\nT: v\r\n\r\n"
      "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd";
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    const std::uint64_t edits = bodega::base::random_below(4);
    for (std::uint64_t i = 0; i < edits; ++i) {
      const std::size_t at = bodega::base::random_below(bytes.size());
      switch (bodega::base::random_below(3)) {
        case 0: bytes[at] = static_cast<char>(bodega::base::random_below(256)); break;
        case 1: bytes.erase(at, 1 + bodega::base::random_below(3)); break;
        default: bytes.insert(at, 1, bytes[bodega::base::random_below(bytes.size())]); break;
      }
    }
    HttpParser parser(HttpParserLimits{});
    std::string_view rest = bytes;
    std::size_t given = 0;  // the bytes arrive in pieces
    bool over = false;
    std::size_t steps = 0;
    while (!over) {
      const HttpParser::Step step = parser.advance(rest.substr(0, given));
      REQUIRE(step.consumed <= given);
      rest.remove_prefix(step.consumed);
      given -= step.consumed;
      REQUIRE(++steps < 10'000);
      switch (step.state) {
        case HttpParser::State::kMore:
          if (given == rest.size()) over = true;
          given = std::min<std::size_t>(rest.size(), given + 1 + bodega::base::random_below(40));
          break;
        case HttpParser::State::kHead: REQUIRE(!parser.take_head().path.empty()); break;
        case HttpParser::State::kBody: REQUIRE(!step.body.empty()); break;
        case HttpParser::State::kDone: parser.start(); break;
        case HttpParser::State::kBad: over = true; break;
      }
    }
    if (edits == 0) REQUIRE(rest.empty());
  }
}

TEST_CASE("HTTP parser: the last chunk may arrive byte by byte") {
  const std::string_view bytes =
      "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: b\r\n\r\n";
  HttpParser parser(HttpParserLimits{});
  std::size_t begin = 0;
  HttpParser::State last = HttpParser::State::kMore;
  for (std::size_t end = 1; end <= bytes.size(); ++end) {
    const HttpParser::Step step = parser.advance(bytes.substr(begin, end - begin));
    begin += step.consumed;
    last = step.state;
    REQUIRE(last != HttpParser::State::kBad);
    REQUIRE((last == HttpParser::State::kDone) == (end == bytes.size()));
  }
  CHECK(parser.trailers().get_or_empty("a") == "b");
}
