#include "protocol/aws/front/buffered_turn.h"

#include <memory>
#include <utility>

#include "protocol/aws/redaction.h"

namespace bodega::aws {

namespace {

constexpr int kNotImplementedStatus = 501;

}  // namespace

BufferedTurn::BufferedTurn(BufferedService& service, const http::RequestHead& head,
                           std::string body, std::string request_id)
    : service_(service), profile_(service.profile()), head_(head), body_(std::move(body)) {
  exchange_.service = profile_.service;
  exchange_.request_id = std::move(request_id);
}

BufferedTurn::Error BufferedTurn::internal_error() const {
  return refusal(profile_.internal_error, std::string(profile_.internal_message));
}

BufferedTurn::Error BufferedTurn::error_named(const observe::GateAnswer& answer) const {
  const ErrorRow* row = profile_.catalogue.find(answer.error);
  return row == nullptr ? internal_error() : Error{row, answer.message};
}

BufferedTurn::Error BufferedTurn::refusal(std::string_view name, std::string message) const {
  return {&profile_.catalogue.at(name), std::move(message)};
}

void BufferedTurn::note(const Error& error) {
  exchange_.error_message = error.message;
  // A service may have an error of its own for what it cannot do (KMS: UnsupportedOperation).
  if (error.row->status == kNotImplementedStatus || error.message.ends_with(" not implemented")) {
    exchange_.missing = missing_part(exchange_.operation, error.message);
  }
}

void BufferedTurn::set_row(const OperationRow& row) {
  row_ = &row;
  exchange_.operation = row.name;
  if (!document_ || profile_.resource_member.empty()) return;
  const json::Node resource = document_->root().find(profile_.resource_member);
  if (resource.is_string()) exchange_.resource = loggable_text(resource.text());
}

void BufferedTurn::identify_by(const AuthErrors& errors, Signed is_signed) {
  if (row_->access == OperationRow::Access::kAnyone && is_signed == Signed::kNo) {
    world_ = service_.pin({});
  } else {
    const IdentifyRules rules{profile_.service, errors, profile_.catalogue};
    const Authenticator& authenticator = service_.front().authenticator;
    const Signature signature = read_signature(head_, rules);
    if (!digest_) digest_ = payload_digest(authenticator, body_);
    world_ = service_.pin(signature.access_key_id);
    caller_ = identify(authenticator, head_, signature, *digest_, rules, world_.clock->now_s());
    exchange_.caller = caller_.access_key_id;
    exchange_.account = caller_.account;
    exchange_.region = caller_.region;
  }
  exchange_.started_us = world_.clock->now_us();
}

void BufferedTurn::check_document() const {
  check_types(document_->root(), *row_->input, profile_.model);
  check_constraints(document_->root(), *row_->input, profile_.model);
}

ServiceRequest BufferedTurn::request() const {
  return {document_->root(), body_, head_, caller_, world_};
}

http::Reply BufferedTurn::with_exchange(http::Reply reply) {
  reply.operation = exchange_.operation;
  reply.exchange = std::make_unique<observe::Exchange>(std::move(exchange_));
  return reply;
}

}  // namespace bodega::aws
