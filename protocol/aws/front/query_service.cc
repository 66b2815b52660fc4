#include "protocol/aws/front/query_service.h"

#include <memory>
#include <optional>
#include <utility>

#include "engines/base/check.h"
#include "engines/base/random.h"
#include "protocol/aws/front/buffered_turn.h"
#include "protocol/aws/front/form.h"
#include "protocol/aws/front/walk.h"

namespace bodega::aws {

namespace {

constexpr std::string_view kTooLarge = "RequestEntityTooLarge";

}  // namespace

// One request on its walk.
class QueryService::Turn : public BufferedTurn {
 public:
  Turn(QueryService& service, const http::RequestHead& head, std::string body)
      : BufferedTurn(service, head, std::move(body), base::random_uuid()), query_(service) {}

  // The parameters are those of the URL when it has an Action, else those of the body.
  void recognise() {
    if (!head_.query.has("Action")) form_ = http::Query::parse(body_);
    const auto action = form().get("Action");
    if (!action || action->empty()) {
      throw refusal("MissingAction", "The request must contain the parameter Action");
    }
    const std::string_view version = form().get_or_empty("Version");
    const OperationRow* row =
        version == query_.query_.version ? query_.find_operation(*action) : nullptr;
    if (row == nullptr) {
      std::string message = "Could not find operation " + std::string(*action);
      message += version.empty() ? std::string(" for version NO_VERSION_SPECIFIED")
                                 : " for version " + std::string(version);
      throw refusal("InvalidAction", std::move(message));
    }
    set_row(*row);
  }

  void identify() {
    const bool is_signed = head_.headers.has("authorization") || head_.query.has("X-Amz-Algorithm");
    identify_by(kQueryAuthErrors, is_signed ? Signed::kYes : Signed::kNo);
  }

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
    check_document();
  }

  http::Reply run() {
    const std::string response = std::string(row_->name) + "Response";
    const std::string result = std::string(row_->name) + "Result";
    xml::Writer out;
    out.open(response, query_.query_.xmlns).open(result);
    query_.run(*row_, request(), out);
    out.close().open("ResponseMetadata").element("RequestId", exchange_.request_id).close();
    return reply(200, out.take());
  }

  http::Reply render(const Error& error) {
    note(error);
    http::Reply out = reply(error.row->status, query_.render_error(error, exchange_.request_id));
    out.error_code = error.row->name;
    return out;
  }

 private:
  http::Reply reply(int status, std::string body) {
    return with_exchange(query_.make_reply(status, std::move(body), exchange_.request_id));
  }

  const http::Query& form() const { return form_ ? *form_ : head_.query; }

  QueryService& query_;
  std::optional<http::Query> form_;  // the body's, unless the URL has the parameters
  std::string input_;                // the same as JSON
};

QueryService::QueryService(const Front& front, const QueryProfile& profile)
    : BufferedService(front, profile), query_(profile) {
  require_errors(kQueryAuthErrors, {"AccessDenied", "InvalidAction", "MalformedInput",
                                    "MissingAction", "NotImplemented"});
}

http::Reply QueryService::refuse(const http::RequestHead&, std::string_view why) {
  const std::string id = base::random_uuid();
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
  http::Reply reply = make_reply(413, {}, base::random_uuid());
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
