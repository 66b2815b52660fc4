// BufferedTurn: what JSON and query requests have in common on the walk (walk.h). The turn of each
// wire form derives from it and adds how it is recognised, how its input is read and its replies.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/aws/caller.h"
#include "protocol/aws/error.h"
#include "protocol/aws/front/buffered_service.h"
#include "protocol/aws/front/identify.h"
#include "protocol/http/message.h"
#include "protocol/json/json.h"
#include "protocol/observe/exchange.h"
#include "protocol/observe/gate.h"

namespace bodega::aws {

class BufferedTurn {
 public:
  using Error = aws::Error;

  const observe::Exchange& exchange() const { return exchange_; }

  // Policies will be asked here; without them every caller may do everything in its account.
  void authorize() {}

  Error internal_error() const;
  Error error_named(const observe::GateAnswer& answer) const;

 protected:
  enum class Signed : std::uint8_t { kNo, kYes };

  // `service` and `head` outlive the turn.
  BufferedTurn(BufferedService& service, const http::RequestHead& head, std::string body,
               std::string request_id);
  ~BufferedTurn() = default;

  // The operation, by its row. Null is refused by the wire form before.
  void set_row(const OperationRow& row);
  // An operation for anyone needs no signature; what is signed all the same is checked.
  void identify_by(const AuthErrors& errors, Signed is_signed);
  // Types and constraints of the document.
  void check_document() const;

  Error refusal(std::string_view name, std::string message = {}) const;
  // What observers are told of an error that is rendered.
  void note(const Error& error);
  ServiceRequest request() const;
  // The reply with what the server's observers are told of the request, which ends the turn.
  http::Reply with_exchange(http::Reply reply);

  BufferedService& service_;
  const ServiceProfile& profile_;
  const http::RequestHead& head_;
  std::string body_;
  std::optional<std::string> digest_;       // of the body as it was sent, once it is known
  std::optional<json::Document> document_;  // the input, once it is read
  const OperationRow* row_ = nullptr;
  base::Pinned<void> world_;
  Caller caller_;
  observe::Exchange exchange_;
};

}  // namespace bodega::aws
