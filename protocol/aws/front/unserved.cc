#include "protocol/aws/front/unserved.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engines/base/random.h"
#include "engines/base/text.h"
#include "protocol/aws/front/recognise.h"
#include "protocol/json/json.h"
#include "protocol/observe/exchange.h"
#include "protocol/xml/writer.h"

namespace bodega::aws {

namespace {

constexpr int kStatus = 501;
constexpr std::string_view kCode = "NotImplemented";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::size_t kMaxNameBytes = 80;

// A target of a service that is not in the table.
constexpr OtherService kUnknown{"aws", "service with this X-Amz-Target"};

enum class Wire : std::uint8_t { kJson, kXml, kEc2, kCbor };

bool is_cbor(const http::RequestHead& head) {
  return head.headers.get_or_empty("smithy-protocol") == "rpc-v2-cbor";
}

bool is_form(const http::RequestHead& head) {
  const std::string_view type = head.headers.get_or_empty("content-type");
  return base::trim(type.substr(0, type.find(';'))) == kForm;
}

Wire wire_of(const http::RequestHead& head, const OtherService& service) {
  if (is_cbor(head)) return Wire::kCbor;
  if (head.headers.has("x-amz-target")) return Wire::kJson;
  switch (service.form) {
    case OtherService::Form::kJson: return Wire::kJson;
    case OtherService::Form::kXml: return Wire::kXml;
    case OtherService::Form::kEc2: return Wire::kEc2;
    // The newer versions of some query services have resources (SES 2).
    case OtherService::Form::kQuery:
      return is_form(head) || head.query.has("Action") ? Wire::kXml : Wire::kJson;
  }
  return Wire::kJson;
}

// What a client sent, short and fit for a line of the log.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, kMaxNameBytes));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return out;
}

// The resources that a REST service has are told apart by the first parts of their paths; what
// follows are names of the client's.
std::string resource_kind(const http::RequestHead& head) {
  std::size_t end = head.path.find('/', 1);
  if (end != std::string::npos) end = head.path.find('/', end + 1);
  return head.method + " " + head.path.substr(0, end);
}

// A service that Bodega has, and that is not switched on.
OtherService own_service(std::string_view name) {
  using Form = OtherService::Form;
  if (name == kDefaultService) return {name, name, Form::kXml};
  for (const ServiceRow& row : service_rows()) {
    if (row.service != name) continue;
    return {name, name, row.version.empty() ? Form::kJson : Form::kQuery};
  }
  return kUnknown;
}

OtherService service_of(const http::RequestHead& head) {
  const OtherService* other = find_other_service(head);
  return other != nullptr ? *other : own_service(recognise(head, service_rows()));
}

std::string operation_of(const http::RequestHead& head, const OtherService& service,
                         std::string_view body) {
  if (const auto target = head.headers.get("x-amz-target")) {
    if (service.scope == kUnknown.scope) return printable(*target);
    return printable(target->substr(target->rfind('.') + 1));
  }
  if (is_cbor(head)) return printable(head.path.substr(head.path.rfind('/') + 1));
  if (const auto action = head.query.get("Action")) return printable(*action);
  if (is_form(head)) {
    const http::Query form = http::Query::parse(body);
    if (const auto action = form.get("Action")) return printable(*action);
  }
  if (service.name == kDefaultService) return printable(head.method);
  return printable(resource_kind(head));
}

// A text of CBOR: its length, in one byte where it fits, and its bytes.
void append_cbor_text(std::string& out, std::string_view text) {
  constexpr unsigned kText = 0x60;
  constexpr unsigned kTwoByteLength = 25;
  if (text.size() < 24) {
    out += static_cast<char>(kText | text.size());
  } else {
    out += static_cast<char>(kText | kTwoByteLength);
    out += static_cast<char>(text.size() >> 8);
    out += static_cast<char>(text.size() & 0xff);
  }
  out += text;
}

std::string cbor_error(std::string_view message) {
  constexpr char kMapOfTwo = static_cast<char>(0xa2);
  std::string out(1, kMapOfTwo);
  for (const std::string_view text :
       {std::string_view("__type"), kCode, std::string_view("message"), message}) {
    append_cbor_text(out, text);
  }
  return out;
}

std::string json_error(std::string_view message) {
  std::string out;
  json::Object body(out);
  body.string("__type", kCode);
  body.string("message", message);
  body.close();
  return out;
}

std::string xml_error(std::string_view message, std::string_view request_id) {
  xml::Writer out;
  out.open("ErrorResponse").open("Error");
  out.element("Type", "Receiver").element("Code", kCode).element("Message", message);
  out.close().element("RequestId", request_id);
  return out.take();
}

std::string ec2_error(std::string_view message, std::string_view request_id) {
  xml::Writer out;
  out.open("Response").open("Errors").open("Error");
  out.element("Code", kCode).element("Message", message);
  out.close().close().element("RequestID", request_id);
  return out.take();
}

void write_error(http::Reply& reply, const http::RequestHead& head, Wire wire,
                 std::string_view message, std::string_view request_id) {
  switch (wire) {
    case Wire::kJson: {
      const std::string_view type = head.headers.get_or_empty("content-type");
      const bool is_json = type.starts_with("application/x-amz-json-");
      reply.headers.add("Content-Type", std::string(is_json ? type : "application/json"));
      reply.headers.add("x-amzn-ErrorType", std::string(kCode));
      reply.body = json_error(message);
      return;
    }
    case Wire::kCbor:
      reply.headers.add("Content-Type", "application/cbor");
      reply.headers.add("smithy-protocol", "rpc-v2-cbor");
      reply.body = cbor_error(message);
      return;
    case Wire::kXml:
      reply.headers.add("Content-Type", "text/xml");
      reply.body = xml_error(message, request_id);
      return;
    case Wire::kEc2:
      reply.headers.add("Content-Type", "text/xml");
      reply.body = ec2_error(message, request_id);
      return;
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out.append(out.empty() ? "" : ", ").append(name);
  return out;
}

// Reads the body to its end and keeps the beginning of a form.
class Sink : public http::BodySink {
 public:
  Sink(const UnservedServices& services, http::RequestHead head)
      : services_(services), head_(std::move(head)), is_form_(is_form(head_)) {}

  Flow write(std::string_view bytes) override {
    received_ += bytes.size();
    if (is_form_) form_ += bytes.substr(0, UnservedServices::kMaxFormBytes - form_.size());
    return received_ > UnservedServices::kMaxBodyBytes ? Flow::kStop : Flow::kMore;
  }

  http::Reply finish(const http::Headers&) override { return services_.handle(head_, form_); }

 private:
  const UnservedServices& services_;
  const http::RequestHead head_;
  const bool is_form_;
  std::string form_;
  std::uint64_t received_ = 0;
};

}  // namespace

UnservedServices::UnservedServices(const std::vector<std::string>& served)
    : served_(joined(served)) {}

std::string_view UnservedServices::name() const { return kUnservedServices; }

http::Begun UnservedServices::begin(http::RequestHead head) {
  if (head.has_body()) return std::make_unique<Sink>(*this, std::move(head));
  return handle(head, {});
}

http::Reply UnservedServices::handle(const http::RequestHead& head, std::string_view body) const {
  const OtherService service = service_of(head);
  auto exchange = std::make_unique<observe::Exchange>();
  exchange->service = service.scope;
  exchange->operation = "NotImplemented";
  exchange->request_id = base::random_uuid();
  exchange->missing = operation_of(head, service, body);
  exchange->error_message = "Bodega has no " + std::string(service.name) + ", so " +
                            exchange->missing + " was not carried out. It has " + served_ + ".";

  http::Reply reply;
  reply.status = kStatus;
  reply.service = exchange->service;
  reply.operation = exchange->operation;
  reply.error_code = kCode;
  reply.headers.add("x-amzn-RequestId", exchange->request_id);
  if (!head.readable_by.empty()) {
    reply.headers.add("Access-Control-Allow-Origin", head.readable_by);
    reply.headers.add("Vary", "Origin");
  }
  write_error(reply, head, wire_of(head, service), exchange->error_message, exchange->request_id);
  reply.exchange = std::move(exchange);
  return reply;
}

}  // namespace bodega::aws
