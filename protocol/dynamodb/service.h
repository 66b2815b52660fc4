// The DynamoDB JSON API on the skeleton of all JSON services: its tables, its headers, and the page
// that says it is healthy. What the operations do stands in the family files.
//
// Source: "DynamoDB low-level API" in the developer guide.
#pragma once

#include <string>
#include <string_view>

#include "engines/base/selector.h"
#include "engines/table/engine.h"
#include "protocol/aws/front/json_service.h"
#include "protocol/dynamodb/expression/cache.h"

namespace bodega::dynamodb {

// Of a body, as sent and after inflation.
inline constexpr std::size_t kMaxBodyBytes = 16 * 1024 * 1024;

class Service final : public aws::JsonService {
 public:
  // The references must outlive the service.
  Service(base::Selector<table::Engine>& engines, const aws::Front& front);

  const aws::OperationRow* find_operation(std::string_view target) const override;
  base::Pinned<void> pin(std::string_view access_key_id) override;
  std::string run(const aws::OperationRow& row, const aws::ServiceRequest& request) override;

 private:
  std::string make_request_id() const override;
  void add_headers(http::Reply& reply, std::string_view body,
                   std::string_view request_id) const override;
  http::Reply answer_root(const http::RequestHead& head) const override;

  base::Selector<table::Engine>& engines_;
  ExpressionCache expressions_;
};

}  // namespace bodega::dynamodb
