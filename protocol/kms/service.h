// KMS on the skeleton of all JSON services: its tables and the vault that it serves. What the
// operations do stands in the family files.
//
// Source: "AWS Key Management Service API Reference".
#pragma once

#include <string>
#include <string_view>

#include "engines/base/selector.h"
#include "engines/vault/engine.h"
#include "protocol/aws/front/json_service.h"

namespace bodega::kms {

class Service final : public aws::JsonService {
 public:
  // The references must outlive the service.
  Service(base::Selector<vault::Engine>& vaults, const aws::Front& front);

  const aws::OperationRow* find_operation(std::string_view target) const override;
  base::Pinned<void> pin(std::string_view access_key_id) override;
  std::string run(const aws::OperationRow& row, const aws::ServiceRequest& request) override;

 private:
  base::Selector<vault::Engine>& vaults_;
};

}  // namespace bodega::kms
