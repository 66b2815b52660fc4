#include "protocol/kms/service.h"

#include <utility>

#include "protocol/kms/errors.h"
#include "protocol/kms/operations.h"

namespace bodega::kms {
namespace {

constexpr std::string_view kTargetPrefix = "TrentService.";

const aws::JsonProfile kProfile{
    {.service = "kms",
     .catalogue = aws::Catalogue(kErrorRows),
     .model = {"com.amazonaws.kms.v20141101.", &error_row(Code::kSerializationException),
               &error_row(Code::kValidationException)},
     .internal_error = "KMSInternalException",
     .resource_member = "KeyId"},
    "application/x-amz-json-1.1"};

}  // namespace

Service::Service(base::Selector<vault::Engine>& vaults, const aws::Front& front)
    : JsonService(front, kProfile), vaults_(vaults) {}

const aws::OperationRow* Service::find_operation(std::string_view target) const {
  if (!target.starts_with(kTargetPrefix)) return nullptr;
  return kms::find_operation(target.substr(kTargetPrefix.size()));
}

base::Pinned<void> Service::pin(std::string_view access_key_id) {
  auto world = vaults_.engine_for(access_key_id);
  return {std::move(world.engine), world.clock, world.state};
}

std::string Service::run(const aws::OperationRow& row, const aws::ServiceRequest& request) {
  auto& engine = *static_cast<vault::Engine*>(request.world.engine.get());
  return static_cast<const Operation&>(row).run(
      {request.input, request.caller, engine, *request.world.clock});
}

}  // namespace bodega::kms
