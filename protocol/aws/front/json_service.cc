#include "protocol/aws/front/json_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/text.h"
#include "protocol/aws/front/buffered_turn.h"
#include "protocol/aws/front/walk.h"
#include "protocol/http/inflate.h"

namespace bodega::aws {

namespace {

constexpr std::string_view kPlainJson = "application/json";
constexpr std::string_view kTargetHeader = "X-Amz-Target";

// Answered without a body.
constexpr ErrorRow kTooLarge{"RequestEntityTooLarge", 413};

std::string_view media_type(const http::RequestHead& head) {
  const std::string_view value = head.headers.get_or_empty("Content-Type");
  return base::trim(value.substr(0, value.find(';')));
}

}  // namespace

// One request on its walk.
class JsonService::Turn : public BufferedTurn {
 public:
  Turn(JsonService& service, const http::RequestHead& head, std::string body,
       std::string request_id)
      : BufferedTurn(service, head, std::move(body), std::move(request_id)), json_(service) {}

  // A body that is no JSON says nothing, whatever its target.
  void recognise() {
    read_body();
    document_ = json::Document::parse(body_);
    if (!document_ && !body_.empty()) throw refusal("SerializationException");
    const OperationRow* row = json_.find_operation(head_.headers.get_or_empty(kTargetHeader));
    if (row == nullptr) throw refusal("UnknownOperationException");
    set_row(*row);
  }

  void identify() {
    identify_by(kJsonAuthErrors, head_.headers.has("authorization") ? Signed::kYes : Signed::kNo);
  }

  void check_input() {
    if (!document_ || !document_->root().is_object()) throw refusal("SerializationException");
    if (row_->input == nullptr) {
      throw refusal("NotImplementedException", not_implemented_message(row_->name));
    }
    check_document();
  }

  http::Reply run() { return reply(200, json_.run(*row_, request())); }

  http::Reply render(const Error& error) {
    note(error);
    http::Reply out =
        reply(error.row->status, error.row == &kTooLarge ? std::string() : render_json(error));
    out.error_code = error.row->name;
    return out;
  }

 private:
  // Undoes Content-Encoding. What a signature covers is the body as it was sent.
  void read_body() {
    const std::string_view encoding = head_.headers.get_or_empty("Content-Encoding");
    if (encoding.empty() || base::equals_ignoring_case(encoding, "identity")) return;
    digest_ = payload_digest(service_.front().authenticator, body_);
    http::Inflated result = http::inflate_body(body_, profile_.max_body_bytes);
    if (result.fault == http::InflateFault::kTooLarge) throw Error{&kTooLarge};
    if (result.fault != http::InflateFault::kNone) throw refusal("InternalFailure");
    body_ = std::move(result.bytes);
  }

  http::Reply reply(int status, std::string body) {
    http::Reply out = json_.make_reply(status, std::move(body), exchange_.request_id);
    out.headers.add(
        "Content-Type",
        std::string(media_type(head_) == kPlainJson ? kPlainJson : json_.json_.media_type));
    json_.add_cors(out, head_);
    return with_exchange(std::move(out));
  }

  JsonService& json_;
};

JsonService::JsonService(const Front& front, const JsonProfile& profile)
    : BufferedService(front, profile), json_(profile) {
  require_errors(kJsonAuthErrors,
                 {"AccessDeniedException", "InternalFailure", "NotImplementedException",
                  "SerializationException", "UnknownOperationException"});
}

// 403 and not the 400 of a service's own refusals: no client of the service ever sees it.
http::Reply JsonService::refuse(const http::RequestHead&, std::string_view why) {
  const Error error{&json_.catalogue.at("AccessDeniedException"), std::string(why)};
  http::Reply reply = make_reply(403, render_json(error), make_request_id());
  reply.headers.add("Content-Type", std::string(json_.media_type));
  reply.operation = "Refused";
  reply.error_code = error.row->name;
  return reply;
}

http::Begun JsonService::begin(http::RequestHead head) {
  if (head.method == "OPTIONS" && head.headers.has("Origin")) return preflight(head);
  // Only the root: a GET of any other path is some other service's request, signed for this one by
  // mistake, and an answer would be taken for what it asked for.
  if (head.method == "GET" && head.path == "/") return answer_root(head);
  return collect(std::move(head));
}

http::Reply JsonService::handle(const http::RequestHead& head, std::string body) {
  const std::string_view type = media_type(head);
  const bool is_json = type == json_.media_type || type == kPlainJson;
  if (head.method != "POST" || (!body.empty() && !is_json)) return unknown_path(head);
  Turn turn(*this, head, std::move(body), make_request_id());
  return walk(turn, front().gate);
}

void JsonService::add_headers(http::Reply& reply, std::string_view,
                              std::string_view request_id) const {
  reply.headers.add("x-amzn-RequestId", std::string(request_id));
}

http::Reply JsonService::make_reply(int status, std::string body,
                                    std::string_view request_id) const {
  http::Reply reply;
  reply.status = status;
  reply.service = json_.service;
  add_headers(reply, body, request_id);
  reply.body = std::move(body);
  return reply;
}

void JsonService::add_cors(http::Reply& reply, const http::RequestHead& head) const {
  if (!head.headers.has("Origin")) return;
  if (front().authenticator.mode() == Authenticator::Mode::kVerify) {
    reply.headers.add("Access-Control-Allow-Origin", "*");
  } else if (!head.readable_by.empty()) {
    reply.headers.add("Access-Control-Allow-Origin", head.readable_by);
    reply.headers.add("Vary", "Origin");
  } else {
    return;
  }
  reply.headers.add("Access-Control-Expose-Headers",
                    "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");
}

http::Reply JsonService::preflight(const http::RequestHead& head) const {
  http::Reply reply = make_reply(200, {}, make_request_id());
  add_cors(reply, head);
  const auto echo = [&](std::string_view asked, std::string_view answer) {
    if (const auto value = head.headers.get(asked)) {
      reply.headers.add(std::string(answer), std::string(*value));
    }
  };
  echo("Access-Control-Request-Headers", "Access-Control-Allow-Headers");
  echo("Access-Control-Request-Method", "Access-Control-Allow-Methods");
  reply.headers.add("Access-Control-Max-Age", "172800");
  reply.operation = "Preflight";
  return reply;
}

http::Reply JsonService::answer_root(const http::RequestHead& head) const {
  return unknown_path(head);
}

http::Reply JsonService::unknown_path(const http::RequestHead& head) const {
  http::Reply reply = make_reply(404, "<UnknownOperationException/>\n", make_request_id());
  add_cors(reply, head);
  reply.error_code = "UnknownOperationException";
  return reply;
}

http::Reply JsonService::too_large() {
  http::Reply reply = make_reply(kTooLarge.status, {}, make_request_id());
  reply.close = true;
  reply.error_code = kTooLarge.name;
  return reply;
}

bool JsonService::takes_long(const http::RequestHead& head) const {
  const OperationRow* row = find_operation(head.headers.get_or_empty("X-Amz-Target"));
  return row != nullptr && row->cost == OperationRow::Cost::kLarge;
}

std::string render_json(const Error& error) {
  std::string type(error.row->prefix);
  if (!type.empty()) type += '#';
  type += error.row->name;
  std::string out;
  json::Object body(out);
  body.string("__type", type);
  if (!error.message.empty()) body.string(error.row->message_key, error.message);
  if (!error.members.empty()) out += "," + error.members;
  body.close();
  return out;
}

}  // namespace bodega::aws
