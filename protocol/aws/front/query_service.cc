#include "protocol/aws/front/query_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "engines/base/check.h"
#include "protocol/aws/front/form.h"
#include "protocol/aws/front/identify.h"
#include "protocol/aws/front/walk.h"

namespace bodega::aws {

namespace {

constexpr std::string_view kTooLarge = "RequestEntityTooLarge";

}  // namespace

// One request on its walk.
class QueryService::Turn {
 public:
  using Error = aws::Error;

  Turn(QueryService& service, const http::RequestHead& head, std::string body)
      : service_(service), profile_(service.query_), head_(head), body_(std::move(body)) {
    exchange_.service = profile_.service;
    exchange_.request_id = make_uuid();
  }

  const observe::Exchange& exchange() const { return exchange_; }

  // The parameters are those of the URL when it has an Action, else those of the body.
  void recognise() {
    if (!head_.query.has("Action")) form_ = http::Query::parse(body_);
    const auto action = form().get("Action");
    if (!action || action->empty()) {
      throw refusal("MissingAction", "The request must contain the parameter Action");
    }
    const std::string_view version = form().get_or_empty("Version");
    if (version == profile_.version) row_ = service_.find_operation(*action);
    if (row_ == nullptr) {
      std::string message = "Could not find operation " + std::string(*action);
      message += version.empty() ? std::string(" for version NO_VERSION_SPECIFIED")
                                 : " for version " + std::string(version);
      throw refusal("InvalidAction", std::move(message));
    }
    exchange_.operation = row_->name;
  }

  void identify() {
    const bool is_signed = head_.headers.has("authorization") || head_.query.has("X-Amz-Algorithm");
    if (row_->access == OperationRow::Access::kAnyone && !is_signed) {
      world_ = service_.pin({});
      return;
    }
    const IdentifyRules rules{profile_.service, kQueryAuthErrors, profile_.catalogue};
    const Authenticator& authenticator = service_.front().authenticator;
    const Signature signature = read_signature(head_, rules);
    world_ = service_.pin(signature.access_key_id);
    caller_ = aws::identify(authenticator, head_, signature, payload_digest(authenticator, body_),
                            rules, world_.clock->now_s());
    exchange_.started_us = world_.clock->now_us();
    exchange_.caller = caller_.access_key_id;
    exchange_.account = caller_.account;
    exchange_.region = caller_.region;
  }

  // Policies will be asked here; without them every caller may do everything in its account.
  void authorize() {}

  void check_input() {
    if (row_->input == nullptr) {
      throw refusal("NotImplemented", not_implemented_message(row_->name));
    }
    if (!form().well_formed()) throw refusal("MalformedInput");
    auto text = form_as_json(form(), *row_->input);
    if (!text) throw refusal("MalformedInput");
    input_ = *std::move(text);
    document_ = json::Document::parse(input_);
    BODEGA_CHECK(document_.has_value());
    check_types(document_->root(), *row_->input, profile_.model);
    check_constraints(document_->root(), *row_->input, profile_.model);
  }

  http::Reply run() {
    const std::string response = std::string(row_->name) + "Response";
    const std::string result = std::string(row_->name) + "Result";
    xml::Writer out;
    out.open(response, profile_.xmlns).open(result);
    service_.run(*row_, {document_->root(), body_, head_, caller_, world_, exchange_.request_id},
                 out);
    out.close().open("ResponseMetadata").element("RequestId", exchange_.request_id).close();
    return reply(200, out.take());
  }

  http::Reply render(const Error& error) {
    http::Reply out = reply(error.row->status, service_.render_error(error, exchange_.request_id));
    out.error_code = error.row->name;
    return out;
  }

  Error internal_error() const {
    return refusal(profile_.internal_error, std::string(profile_.internal_message));
  }

  Error error_named(const observe::GateAnswer& answer) const {
    const ErrorRow* row = profile_.catalogue.find(answer.error);
    return row == nullptr ? internal_error() : Error{row, answer.message};
  }

 private:
  http::Reply reply(int status, std::string body) {
    http::Reply out = service_.make_reply(status, std::move(body), exchange_.request_id);
    out.operation = exchange_.operation;
    out.exchange = std::make_unique<observe::Exchange>(std::move(exchange_));
    return out;
  }

  const http::Query& form() const { return form_ ? *form_ : head_.query; }

  Error refusal(std::string_view name, std::string message = {}) const {
    return {&profile_.catalogue.at(name), std::move(message)};
  }

  QueryService& service_;
  const QueryProfile& profile_;
  const http::RequestHead& head_;
  std::string body_;
  std::optional<http::Query> form_;  // the body's, unless the URL has the parameters
  std::string input_;                // the same as JSON
  std::optional<json::Document> document_;
  const OperationRow* row_ = nullptr;
  base::Pinned<void> world_;
  Caller caller_;
  observe::Exchange exchange_;
};

QueryService::QueryService(const Front& front, const QueryProfile& profile)
    : BufferedService(front, profile), query_(profile) {
  for (const std::string_view name :
       {kQueryAuthErrors.missing, kQueryAuthErrors.incomplete, kQueryAuthErrors.wrong,
        kQueryAuthErrors.unknown_key, kQueryAuthErrors.expired_token,
        std::string_view("AccessDenied"), std::string_view("InvalidAction"),
        std::string_view("MalformedInput"), std::string_view("MissingAction"),
        std::string_view("NotImplemented"), profile.internal_error}) {
    BODEGA_CHECK(profile.catalogue.find(name) != nullptr);
  }
}

http::Reply QueryService::refuse(const http::RequestHead&, std::string_view why) {
  const std::string id = make_uuid();
  const Error error{&query_.catalogue.at("AccessDenied"), std::string(why)};
  http::Reply reply = make_reply(403, render_error(error, id), id);
  reply.operation = "Refused";
  reply.error_code = error.row->name;
  return reply;
}

http::Begun QueryService::begin(http::RequestHead head) { return collect(std::move(head)); }

http::Reply QueryService::handle(const http::RequestHead& head, std::string body) {
  Turn turn(*this, head, std::move(body));
  return walk(turn, front().gate);
}

http::Reply QueryService::too_large() {
  http::Reply reply = make_reply(413, {}, make_uuid());
  reply.close = true;
  reply.error_code = kTooLarge;
  return reply;
}

http::Reply QueryService::make_reply(int status, std::string body,
                                     std::string_view request_id) const {
  http::Reply reply;
  reply.status = status;
  reply.service = query_.service;
  reply.headers.add("x-amzn-RequestId", std::string(request_id));
  if (!body.empty()) reply.headers.add("Content-Type", "text/xml");
  reply.body = std::move(body);
  return reply;
}

std::string QueryService::render_error(const Error& error, std::string_view request_id) const {
  xml::Writer out;
  out.open("ErrorResponse", query_.xmlns).open("Error");
  out.element("Type", error.row->status < 500 ? "Sender" : "Receiver");
  out.element("Code", error.row->name);
  if (!error.message.empty()) out.element("Message", error.message);
  out.close().element("RequestId", request_id);
  return out.take();
}

}  // namespace bodega::aws
