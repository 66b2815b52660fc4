#include "server/http/parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/text.h"

namespace bodega::server {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

using Fault = HttpParser::Fault;

constexpr Fault kMalformed{400, "BadRequest", "An error occurred when parsing the HTTP request."};
constexpr Fault kHeadTooLarge{400, "RequestHeaderSectionTooLarge",
                              "Your request header section exceeds the maximum allowed size."};
constexpr Fault kTargetTooLong{414, "URITooLong", "The request's target is too long."};
constexpr Fault kUnknownEncoding{
    501, "NotImplemented",
    "A header you provided implies functionality that is not implemented: Transfer-Encoding"};
constexpr Fault kUnknownVersion{505, "HTTPVersionNotSupported",
                                "This server speaks HTTP/1.1 and HTTP/1.0."};

std::string_view std_view(string_view text) { return {text.data(), text.size()}; }

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         base::equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// One message. Beast's parser cannot be used twice, so each message has a fresh one.
class Message final : public beast_http::basic_parser<true> {
 public:
  explicit Message(const HttpParserLimits& limits) : limits_(limits) {
    header_limit(static_cast<std::uint32_t>(limits.head_bytes));
    body_limit(boost::none);  // the services have limits of their own
  }

  http::RequestHead head;
  http::Headers trailers;
  std::string_view piece;        // the part of the body that the last put() found
  const Fault* fault = nullptr;  // set together with an error code
  bool head_done = false;
  bool expects_continue = false;
  bool inside_chunk = false;
  bool chunk_ended = false;  // the next two bytes must be the chunk's CRLF

 private:
  void on_request_impl(beast_http::verb, string_view method, string_view target, int version,
                       error_code& error) override {
    if (target.size() > limits_.target_bytes) return refuse(kTargetTooLong, error);
    head.method = std_view(method);
    head.version_minor = version >= 11 ? 1 : 0;
    split_target(std_view(target), error);
  }

  void on_response_impl(int, string_view, int, error_code&) override {}

  void on_field_impl(beast_http::field, string_view name, string_view value, error_code&) override {
    auto& fields = head_done ? trailers : head.headers;
    fields.add(std::string(std_view(name)), std::string(std_view(value)));
  }

  void on_header_impl(error_code& error) override {
    head_done = true;
    head.chunked = chunked();
    if (const auto length = content_length()) head.content_length = *length;
    const auto encodings = head.headers.get_all("Transfer-Encoding");
    if (!encodings.empty()) {
      // Anything but one plain "chunked" could be framed differently by a proxy in front of us.
      if (head.version_minor == 0) return refuse(kMalformed, error);
      if (encodings.size() != 1 || !base::equals_ignoring_case(encodings[0], "chunked")) {
        return refuse(kUnknownEncoding, error);
      }
    }
    if (authority_) {
      head.headers.set("Host", *authority_);
    } else {
      const auto hosts = head.headers.get_all("Host").size();
      if (hosts > 1 || (hosts == 0 && head.version_minor == 1)) return refuse(kMalformed, error);
    }
    expects_continue =
        head.version_minor == 1 &&
        base::equals_ignoring_case(head.headers.get_or_empty("Expect"), "100-continue");
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(string_view body, error_code&) override {
    piece = std_view(body);
    return body.size();
  }

  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {
    inside_chunk = true;
    chunk_ended = false;
  }

  std::size_t on_chunk_body_impl(std::uint64_t left, string_view body, error_code&) override {
    piece = std_view(body);
    chunk_ended = left == body.size();
    inside_chunk = !chunk_ended;
    return body.size();
  }

  void on_finish_impl(error_code&) override {}

  void refuse(const Fault& why, error_code& error) {
    fault = &why;
    error = beast_http::error::bad_value;
  }

  // origin-form ("/path?query") or absolute-form ("http://host/path?query", whose host then counts
  // and not the Host field's: RFC 9112, 3.2.2). The path stays exactly as sent.
  void split_target(std::string_view target, error_code& error) {
    const std::size_t scheme = starts_with_ignoring_case(target, "http://")    ? 7
                               : starts_with_ignoring_case(target, "https://") ? 8
                                                                               : 0;
    if (scheme != 0) {
      target.remove_prefix(scheme);
      const std::size_t end = std::min(target.find_first_of("/?"), target.size());
      const std::string_view authority = target.substr(0, end);
      if (authority.empty() || authority.find('@') != std::string_view::npos) {
        return refuse(kMalformed, error);
      }
      authority_ = std::string(authority);
      target.remove_prefix(end);
    } else if (target.front() != '/') {
      return refuse(kMalformed, error);
    }
    const std::size_t mark = target.find('?');
    head.has_query_mark = mark != std::string_view::npos;
    head.path = target.substr(0, mark);
    if (head.has_query_mark) head.query = http::Query::parse(target.substr(mark + 1));
    if (head.path.empty()) head.path = "/";
  }

  const HttpParserLimits& limits_;
  std::optional<std::string> authority_;
};

// Whether the first line ends in " HTTP/" and a version: a request, only not in our language.
bool names_a_version(std::string_view input) {
  const std::string_view line = input.substr(0, input.find("\r\n"));
  const std::size_t at = line.rfind(" HTTP/");
  if (at == std::string_view::npos || at == line.find(' ')) return false;
  const std::string_view version = line.substr(at + 6);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return !version.empty() && is_digit(version.front()) && is_digit(version.back()) &&
         line.substr(0, at).find(' ') == line.substr(0, at).rfind(' ');
}

const Fault& fault_of(const error_code& error, std::string_view input) {
  if (error == beast_http::error::header_limit) return kHeadTooLarge;
  if (error == beast_http::error::bad_version && names_a_version(input)) return kUnknownVersion;
  return kMalformed;
}

}  // namespace

class HttpParser::Impl {
 public:
  explicit Impl(const HttpParserLimits& limits) : limits_(limits) { start(); }

  void start() {
    message_.emplace(limits_);
    consumed_head_bytes_ = 0;
    is_head_request_ = false;
    fault_ = nullptr;
  }

  Step advance(std::string_view input) {
    if (fault_ != nullptr) return {State::kBad, 0, {}};
    return message_->head_done ? advance_body(input) : advance_head(input);
  }

  std::optional<Message>& message() { return message_; }
  const Fault* fault() const { return fault_; }
  bool is_head_request() const { return is_head_request_; }
  bool started() const { return message_->got_some(); }

 private:
  Step bad(const Fault& fault, std::size_t consumed) {
    fault_ = &fault;
    return {State::kBad, consumed, {}};
  }

  Step advance_head(std::string_view input) {
    std::size_t skipped = 0;
    if (!message_->got_some()) {
      // A blank line in front of a request is to be ignored (RFC 9112, 2.2).
      while (input.starts_with("\r\n")) {
        input.remove_prefix(2);
        skipped += 2;
      }
      if (input.empty() || input == "\r") return {State::kMore, skipped, {}};
    }
    error_code error;
    const std::size_t used =
        message_->put(boost::asio::const_buffer(input.data(), input.size()), error);
    consumed_head_bytes_ += used;
    const std::size_t seen = consumed_head_bytes_ + (message_->head_done ? 0 : input.size() - used);
    if (error && error != beast_http::error::need_more) {
      return bad(message_->fault != nullptr ? *message_->fault : fault_of(error, input),
                 skipped + used);
    }
    if (seen > limits_.head_bytes) return bad(kHeadTooLarge, skipped + used);
    if (error) return {State::kMore, skipped + used, {}};
    is_head_request_ = message_->head.method == "HEAD";
    return {State::kHead, skipped + used, {}};
  }

  Step advance_body(std::string_view input) {
    std::size_t consumed = 0;
    while (true) {
      if (message_->is_done()) return {State::kDone, consumed, {}};
      if (input.empty()) return {State::kMore, consumed, {}};
      // Beast looks at a chunk's CRLF only together with the next header; a client that sent
      // something else may be waiting for our answer.
      if (message_->chunk_ended && !std::string_view("\r\n").starts_with(input.substr(0, 2))) {
        return bad(kMalformed, consumed);
      }
      // Beast takes it for certain that the last chunk, once begun, has come with all of
      // "0\r\n\r\n".
      constexpr std::size_t kLastChunkBytes = 5;
      if (message_->chunked() && !message_->inside_chunk && !message_->chunk_ended &&
          input.front() == '0' && input.size() < kLastChunkBytes) {
        return {State::kMore, consumed, {}};
      }
      error_code error;
      message_->piece = {};
      const std::size_t used =
          message_->put(boost::asio::const_buffer(input.data(), input.size()), error);
      consumed += used;
      input.remove_prefix(used);
      if (error == beast_http::error::need_more) {
        // Only a chunk's header or the trailers can be incomplete; they stay in the caller's
        // buffer.
        if (input.size() >= limits_.chunk_bytes) return bad(kMalformed, consumed);
        return {State::kMore, consumed, {}};
      }
      if (error) return bad(kMalformed, consumed);
      if (!message_->piece.empty()) return {State::kBody, consumed, message_->piece};
    }
  }

  const HttpParserLimits limits_;
  std::optional<Message> message_;
  std::size_t consumed_head_bytes_ = 0;
  bool is_head_request_ = false;
  const Fault* fault_ = nullptr;
};

HttpParser::HttpParser(const HttpParserLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
HttpParser::~HttpParser() = default;

void HttpParser::start() { impl_->start(); }
HttpParser::Step HttpParser::advance(std::string_view input) { return impl_->advance(input); }
http::RequestHead HttpParser::take_head() { return std::move(impl_->message()->head); }
bool HttpParser::keep_alive() const { return impl_->message()->keep_alive(); }
bool HttpParser::expects_continue() const { return impl_->message()->expects_continue; }
bool HttpParser::is_head_request() const { return impl_->is_head_request(); }
const http::Headers& HttpParser::trailers() const { return impl_->message()->trailers; }
bool HttpParser::started() const { return impl_->started(); }

const HttpParser::Fault& HttpParser::fault() const {
  BODEGA_CHECK(impl_->fault() != nullptr);
  return *impl_->fault();
}

}  // namespace bodega::server
