#include "protocol/sts/service.h"

#include <utility>

#include "protocol/sts/errors.h"
#include "protocol/sts/operations.h"

namespace bodega::sts {
namespace {

const aws::QueryProfile kProfile{
    {.service = "sts",
     .catalogue = aws::Catalogue(kErrorRows),
     .model = {"com.amazonaws.sts.v20110615.", &error_row(Code::kMalformedInput),
               &error_row(Code::kValidationError)}},
    "2011-06-15",
    "https://sts.amazonaws.com/doc/2011-06-15/"};

}  // namespace

Service::Service(base::Selector<identity::Engine>& identities, const aws::Front& front)
    : QueryService(front, kProfile), identities_(identities) {}

const aws::OperationRow* Service::find_operation(std::string_view action) const {
  return sts::find_operation(action);
}

base::Pinned<void> Service::pin(std::string_view access_key_id) {
  auto world = identities_.engine_for(access_key_id);
  return {std::move(world.engine), world.clock, world.state};
}

void Service::run(const aws::OperationRow& row, const aws::ServiceRequest& request,
                  xml::Writer& result) {
  auto& engine = *static_cast<identity::Engine*>(request.world.engine.get());
  static_cast<const Operation&>(row).run(
      {request.input, request.caller, engine, *request.world.clock, front().authenticator}, result);
}

}  // namespace bodega::sts
