#include "server/http/reply.h"

#include <array>
#include <charconv>
#include <ctime>

#include "engines/base/text.h"

namespace bodega::server {
namespace {

void append_number(std::string& out, std::uint64_t value) {
  std::array<char, 24> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

void append_value(std::string& out, std::string_view value) {
  const std::size_t start = out.size();
  out.append(value);
  for (std::size_t i = start; i < out.size(); ++i) {
    if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') out[i] = ' ';
  }
}

// The fields that the server writes itself.
bool is_framing_field(std::string_view name) {
  switch (name.size()) {
    case 10: return base::equals_ignoring_case(name, "Connection");
    case 14: return base::equals_ignoring_case(name, "Content-Length");
    case 17: return base::equals_ignoring_case(name, "Transfer-Encoding");
    default: return false;
  }
}

}  // namespace

std::optional<std::uint64_t> body_length(const http::ReplyBody& body) {
  if (const auto* text = std::get_if<std::string>(&body)) return text->size();
  if (const auto* stream = std::get_if<http::StreamBody>(&body)) {
    if (stream->length_bytes == http::StreamBody::kUnknownLength) return std::nullopt;
    return stream->length_bytes;
  }
  std::uint64_t sum = 0;
  for (const auto& slice : std::get<std::vector<http::FileSlice>>(body)) sum += slice.length_bytes;
  return sum;
}

void render_head(std::string& out, const http::Reply& reply, const ReplyPlan& plan,
                 std::string_view date) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(reply.status));
  out.append(" ").append(reason_phrase(reply.status)).append("\r\n");
  bool has_date = false;
  std::string_view own_length;
  for (const auto& field : reply.headers) {
    if (is_framing_field(field.name)) {
      if (field.name.size() == 14) own_length = field.value;
      continue;
    }
    if (field.name.size() == 4 && base::equals_ignoring_case(field.name, "Date")) has_date = true;
    append_value(out, field.name);
    out.append(": ");
    append_value(out, field.value);
    out.append("\r\n");
  }
  if (!has_date) out.append("Date: ").append(date).append("\r\n");
  switch (plan.framing) {
    case Framing::kLength:
      out.append("Content-Length: ");
      if (!plan.send_body && !own_length.empty()) {
        append_value(out, own_length);
      } else {
        append_number(out, plan.length_bytes);
      }
      out.append("\r\n");
      break;
    case Framing::kChunked: out.append("Transfer-Encoding: chunked\r\n"); break;
    case Framing::kClose:
    case Framing::kNone: break;
  }
  switch (plan.persistence) {
    case Persistence::kKeep: break;
    case Persistence::kKeepAlive: out.append("Connection: keep-alive\r\n"); break;
    case Persistence::kClose: out.append("Connection: close\r\n"); break;
  }
  out.append("\r\n");
}

std::string_view DateCache::now() {
  const std::int64_t second = clock_.now_s();
  if (second != second_) {
    second_ = second;
    const auto time = static_cast<std::time_t>(second);
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 40> text{};
    const std::size_t length =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text_.assign(text.data(), length);
  }
  return text_;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 416: return "Requested Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 505: return "HTTP Version Not Supported";
    default:
      return status < 300   ? "OK"
             : status < 400 ? "Redirect"
             : status < 500 ? "Client Error"
                            : "Server Error";
  }
}

}  // namespace bodega::server
