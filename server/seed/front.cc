#include "server/seed/front.h"

#include <fstream>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>
#include <variant>

#include "protocol/json/json.h"

namespace bodega::server {
namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;

using Sink = http::BodySink;

void wait_for(Sink& sink) {
  auto ready = std::make_shared<std::promise<void>>();
  auto waiting = ready->get_future();
  sink.resume([ready] { ready->set_value(); });
  waiting.wait();
}

// False: the sink wants no more.
bool write(Sink& sink, std::string_view bytes) {
  const Sink::Flow flow = sink.write(bytes);
  if (flow == Sink::Flow::kWait) wait_for(sink);
  return flow != Sink::Flow::kStop;
}

bool write_file(Sink& sink, const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::string piece(kPieceBytes, '\0');
  while (stream.read(piece.data(), kPieceBytes) || stream.gcount() > 0) {
    const auto count = static_cast<std::size_t>(stream.gcount());
    if (!write(sink, std::string_view(piece).substr(0, count))) return false;
  }
  if (!stream.eof()) throw std::runtime_error("the file " + file.string() + " cannot be read");
  return true;
}

Answer answer_of(http::Reply reply) {
  Answer answer;
  answer.status = reply.status;
  answer.code = std::move(reply.error_code);
  if (auto* text = std::get_if<std::string>(&reply.body)) answer.body = std::move(*text);
  return answer;
}

Answer send(http::Service& service, http::RequestHead head, std::string_view body,
            const std::filesystem::path& file) {
  http::Begun begun = service.begin(std::move(head));
  if (auto* reply = std::get_if<http::Reply>(&begun)) return answer_of(std::move(*reply));
  Sink& sink = *std::get<std::unique_ptr<Sink>>(begun);
  const bool wants_all = file.empty() ? body.empty() || write(sink, body) : write_file(sink, file);
  if (wants_all && sink.end() == Sink::Flow::kWait) wait_for(sink);
  return answer_of(sink.finish({}));
}

http::RequestHead head_of(const Requester& requester, std::string method, std::string_view service,
                          std::uint64_t length_bytes) {
  http::RequestHead head;
  head.method = std::move(method);
  head.path = "/";
  head.content_length = length_bytes;
  head.peer = "127.0.0.1:0";
  head.headers.add("Host", "localhost");
  head.headers.add("Content-Length", std::to_string(length_bytes));
  head.headers.add("X-Amz-Date", "20260101T000000Z");
  head.headers.add("Authorization",
                   "AWS4-HMAC-SHA256 Credential=" + requester.account + "/20260101/" +
                       requester.region + "/" + std::string(service) +
                       "/aws4_request, SignedHeaders=host, Signature=" + std::string(64, '0'));
  return head;
}

Answer send_json(http::Service& service, const Requester& requester, const std::string& version,
                 std::string_view target, std::string_view operation, std::string_view body) {
  http::RequestHead head = head_of(requester, "POST", service.name(), body.size());
  head.headers.add("X-Amz-Target", std::string(target).append(operation));
  head.headers.add("Content-Type", "application/x-amz-json-" + version);
  return send(service, std::move(head), body, {});
}

// Of an error: <Message> in XML, "message" or "Message" in JSON.
std::string message_in(const std::string& body) {
  constexpr std::string_view kOpen = "<Message>";
  if (const std::size_t at = body.find(kOpen); at != std::string::npos) {
    const std::size_t from = at + kOpen.size();
    return body.substr(from, body.find("</Message>", from) - from);
  }
  const auto document = json::Document::parse(body);
  if (!document) return body;
  for (const char* name : {"message", "Message"}) {
    const json::Node node = document->root().find(name);
    if (node.is_string()) return std::string(node.text());
  }
  return body;
}

}  // namespace

std::string Answer::error() const {
  const std::string message = message_in(body);
  if (code.empty()) return "status " + std::to_string(status);
  return message.empty() ? code : code + ": " + message;
}

Answer Front::s3(const Requester& requester, std::string method, std::string path,
                 http::Headers headers, std::string_view body, const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size = file.empty() ? body.size() : std::filesystem::file_size(file, error);
  if (error) throw std::runtime_error("the file " + file.string() + " cannot be read");
  http::RequestHead head = head_of(requester, std::move(method), "s3", size);
  const std::size_t mark = path.find('?');
  head.path = path.substr(0, mark);
  if (mark != std::string::npos) {
    head.query = http::Query::parse(path.substr(mark + 1));
    head.has_query_mark = true;
  }
  head.headers.add("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD");
  for (const http::Header& header : headers) head.headers.add(header.name, header.value);
  return send(s3_, std::move(head), body, file);
}

Answer Front::dynamodb(const Requester& requester, std::string_view operation,
                       std::string_view body) {
  return send_json(dynamodb_, requester, "1.0", "DynamoDB_20120810.", operation, body);
}

Answer Front::kms(const Requester& requester, std::string_view operation, std::string_view body) {
  return send_json(kms_, requester, "1.1", "TrentService.", operation, body);
}

}  // namespace bodega::server
