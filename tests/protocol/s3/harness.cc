#include "tests/protocol/s3/harness.h"

#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <variant>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "tests/catch.h"

namespace bodega::s3::test {
namespace {

std::string read_all(http::ReplyBody& body) {
  if (auto* text = std::get_if<std::string>(&body)) return std::move(*text);
  std::string out;
  if (auto* stream = std::get_if<http::StreamBody>(&body)) {
    char buffer[4096];
    while (const std::size_t count = stream->source->read(buffer)) out.append(buffer, count);
    REQUIRE(out.size() == stream->length_bytes);
    return out;
  }
  for (const auto& slice : std::get<std::vector<http::FileSlice>>(body)) {
    std::string run(static_cast<std::size_t>(slice.length_bytes), '\0');
    REQUIRE(::pread(slice.fd, run.data(), run.size(), static_cast<off_t>(slice.offset)) ==
            static_cast<ssize_t>(run.size()));
    out += run;
  }
  return out;
}

Answer answer_of(http::Reply reply) {
  Answer answer;
  answer.status = reply.status;
  answer.headers = reply.headers;
  answer.code = reply.error_code;
  answer.operation = reply.operation;
  answer.from_files = std::holds_alternative<std::vector<http::FileSlice>>(reply.body);
  answer.body = read_all(reply.body);
  return answer;
}

}  // namespace

xml::Document Answer::xml() const {
  auto document = xml::Document::parse(body);
  INFO(body);
  REQUIRE(document);
  return *std::move(document);
}

std::string Answer::at(std::string_view path) const {
  const xml::Document document = xml();
  xml::Element element = document.root();
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    element = element.child(path.substr(0, slash));
    path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  }
  return element.text();
}

std::vector<std::string> Answer::all(std::string_view list, std::string_view leaf) const {
  std::vector<std::string> out;
  const xml::Document document = xml();
  for (const xml::Element& element : document.root().children(list)) {
    out.push_back(element.child(leaf).text());
  }
  return out;
}

World::World(WorldOptions options)
    : store_(kv::make_memory_store(kv::Database::kShared)),
      blobs_(std::make_unique<tests::FaultyBlobs>(blob::make_memory_store())),
      engine_(std::make_unique<object::Engine>(*store_, *blobs_, clock)),
      selector_(std::make_unique<base::SingleSelector<object::Engine>>(*engine_, clock)),
      keys_(std::move(options.credentials)),
      authenticator_(std::make_unique<aws::Authenticator>(options.mode, keys_)),
      service_(std::make_unique<Service>(
          *selector_, executor_, aws::Front{*authenticator_, options.gate},
          Settings{std::move(options.domains), options.verify_reads_percent})) {}

World::~World() = default;

http::RequestHead head_of(std::string_view method, std::string_view target,
                          std::vector<http::Header> headers) {
  http::RequestHead head;
  head.method = method;
  const std::size_t mark = target.find('?');
  head.path = target.substr(0, mark);
  if (mark != std::string_view::npos) {
    head.has_query_mark = true;
    head.query = http::Query::parse(target.substr(mark + 1));
  }
  for (http::Header& field : headers) {
    head.headers.add(std::move(field.name), std::move(field.value));
  }
  if (!head.headers.has("host")) head.headers.add("Host", "localhost:4566");
  return head;
}

Answer World::send(http::RequestHead head, std::string_view body, std::size_t piece_bytes) {
  http::Begun begun = service_->begin(std::move(head));
  if (auto* reply = std::get_if<http::Reply>(&begun)) return answer_of(std::move(*reply));
  auto sink = std::move(std::get<std::unique_ptr<http::BodySink>>(begun));
  using Flow = http::BodySink::Flow;
  auto flow = Flow::kMore;
  const auto wait = [&] {
    bool ready = false;
    sink->resume([&ready] { ready = true; });
    REQUIRE(ready);  // the executor of these tests runs everything at once
  };
  while (!body.empty() && flow != Flow::kStop) {
    const std::string_view piece = body.substr(0, piece_bytes);
    body.remove_prefix(piece.size());
    flow = sink->write(piece);
    if (flow == Flow::kWait) wait();
  }
  if (flow != Flow::kStop && sink->end() == Flow::kWait) wait();
  return answer_of(sink->finish({}));
}

Answer World::run_in_pieces(std::string_view method, std::string_view target, std::string_view body,
                            std::size_t piece_bytes, std::vector<http::Header> headers) {
  http::RequestHead head = head_of(method, target, std::move(headers));
  if (!body.empty() || method == "PUT" || method == "POST") head.content_length = body.size();
  return send(std::move(head), body, piece_bytes);
}

Answer World::run(std::string_view method, std::string_view target, std::string_view body,
                  std::vector<http::Header> headers) {
  return run_in_pieces(method, target, body, 65536, std::move(headers));
}

http::Header claim(std::string_view access_key, std::string_view region) {
  return {"Authorization",
          "AWS4-HMAC-SHA256 Credential=" + std::string(access_key) + "/20260102/" +
              std::string(region) +
              "/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + std::string(64, '0')};
}

http::Header content_md5(std::string_view body) {
  return {"Content-MD5", base::to_base64(base::md5(body))};
}

std::string pattern(std::size_t size, unsigned seed) {
  std::string out(size, '\0');
  std::uint32_t state = seed * 2654435761u + 1;
  for (char& c : out) {
    state = state * 1664525u + 1013904223u;
    c = static_cast<char>(state >> 24);
  }
  return out;
}

}  // namespace bodega::s3::test
