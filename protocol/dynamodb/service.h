// The DynamoDB JSON API: `POST /` with X-Amz-Target. The front door does what needs no table:
// limits, encodings, identity, JSON, routing to the operation's row, types and constraints; then
// the handler runs, and what it returns or throws is rendered here, in one place.
//
// Source: "DynamoDB low-level API" in the developer guide.
#pragma once

#include <string>
#include <string_view>

#include "engines/base/selector.h"
#include "engines/table/engine.h"
#include "protocol/aws/sigv4.h"
#include "protocol/dynamodb/expression/cache.h"
#include "protocol/http/message.h"

namespace bodega::dynamodb {

// Of a body, as sent and after inflation.
inline constexpr std::size_t kMaxBodyBytes = 16 * 1024 * 1024;

class Service : public http::Service {
 public:
  // The references must outlive the service.
  Service(base::Selector<table::Engine>& engines, const aws::Authenticator& authenticator)
      : engines_(engines), authenticator_(authenticator) {}

  std::string_view name() const override { return "dynamodb"; }
  http::Exposure exposure() const override;
  http::Reply refuse(const http::RequestHead& head, std::string_view why) override;
  bool claims(const http::RequestHead& head) const override;
  http::Begun begin(http::RequestHead head) override;

  // The whole request at once: what the body sink calls in the end, and tests. Takes the body,
  // because a compressed one is given back before what was in it is read.
  http::Reply handle(const http::RequestHead& head, std::string body);

 private:
  struct Outcome;
  Outcome run(const http::RequestHead& head, std::string body);

  base::Selector<table::Engine>& engines_;
  const aws::Authenticator& authenticator_;
  ExpressionCache expressions_;
};

}  // namespace bodega::dynamodb
