// The DynamoDB JSON API on the skeleton of all JSON services: its tables, its headers, and the page
// that says it is healthy. What the operations do stands in the family files.
//
// Source: "DynamoDB low-level API" in the developer guide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engines/base/selector.h"
#include "engines/table/engine.h"
#include "protocol/aws/front/json_service.h"
#include "protocol/dynamodb/expression/cache.h"

namespace bodega::dynamodb {

// Of a body, as sent and after inflation.
inline constexpr std::size_t kMaxBodyBytes = 16 * 1024 * 1024;

// Whose tables a caller sees: those of its account and region, or, as with DynamoDB Local's
// -sharedDb, the ones that all have, which are kDefaultAccount's in kDefaultRegion.
enum class Tables : std::uint8_t { kOfCaller, kShared };

class Service final : public aws::JsonService {
 public:
  // The references must outlive the service.
  Service(base::Selector<table::Engine>& engines, const aws::Front& front,
          Tables tables = Tables::kOfCaller);

  const aws::OperationRow* find_operation(std::string_view target) const override;
  base::Pinned<void> pin(std::string_view access_key_id) override;
  std::string run(const aws::OperationRow& row, const aws::ServiceRequest& request) override;

 private:
  std::string make_request_id() const override;
  void add_headers(http::Reply& reply, std::string_view body,
                   std::string_view request_id) const override;
  http::Reply answer_root(const http::RequestHead& head) const override;

  std::string run_as(const aws::Caller& caller, const aws::OperationRow& row,
                     const aws::ServiceRequest& request);

  base::Selector<table::Engine>& engines_;
  const Tables tables_;
  ExpressionCache expressions_;
};

}  // namespace bodega::dynamodb
