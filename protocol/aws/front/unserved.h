// The AWS services that Bodega does not have, or that are not switched on: each of their requests
// is answered 501 NotImplemented in the protocol that its client reads, with a message that names
// the service and the operation.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/aws/front/other_services.h"
#include "protocol/http/message.h"

namespace bodega::aws {

class UnservedServices final : public http::Service {
 public:
  // So much of a form is looked at for its Action.
  static constexpr std::size_t kMaxFormBytes = std::size_t{64} * 1024;
  // A body is read to its end, so that the client reads the answer, unless it is longer than this.
  static constexpr std::size_t kMaxBodyBytes = std::size_t{64} * 1024 * 1024;

  // `served`: the names of those that are there, for the message.
  explicit UnservedServices(const std::vector<std::string>& served);

  std::string_view name() const override;
  http::Begun begin(http::RequestHead head) override;

  // The whole request at once. `body`: of a form; others tell nothing.
  http::Reply handle(const http::RequestHead& head, std::string_view body) const;

 private:
  const std::string served_;  // "s3, dynamodb"
};

}  // namespace bodega::aws
