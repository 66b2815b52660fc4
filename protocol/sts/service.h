// STS on the skeleton of all query services: its tables and the identities that it serves. What the
// operations do stands in the family files.
//
// Source: "AWS Security Token Service API Reference".
#pragma once

#include <string_view>

#include "engines/base/selector.h"
#include "engines/identity/engine.h"
#include "protocol/aws/front/query_service.h"

namespace bodega::sts {

class Service final : public aws::QueryService {
 public:
  // The references must outlive the service.
  Service(base::Selector<identity::Engine>& identities, const aws::Front& front);

  const aws::OperationRow* find_operation(std::string_view action) const override;
  base::Pinned<void> pin(std::string_view access_key_id) override;
  void run(const aws::OperationRow& row, const aws::ServiceRequest& request,
           xml::Writer& result) override;

 private:
  base::Selector<identity::Engine>& identities_;
};

}  // namespace bodega::sts
