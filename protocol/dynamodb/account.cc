// The account: its limits and endpoints.
#include <array>

#include "protocol/dynamodb/operations.h"

namespace bodega::dynamodb {

namespace {

std::string describe_limits(const Request&) {
  return R"({"AccountMaxReadCapacityUnits":80000,"AccountMaxWriteCapacityUnits":80000,)"
         R"("TableMaxReadCapacityUnits":40000,"TableMaxWriteCapacityUnits":40000})";
}

std::string describe_endpoints(const Request& request) {
  std::string out;
  json::Object reply(out);
  {
    json::Array list(reply.name("Endpoints"));
    json::Object endpoint(list.next());
    endpoint.string("Address", request.host.empty()
                                   ? "dynamodb." + request.caller.region + ".amazonaws.com"
                                   : std::string(request.host));
    endpoint.integer("CachePeriodInMinutes", 1440);
  }
  reply.close();
  return out;
}

using namespace shapes;
using Type = Shape::Type;

constexpr Shape kEmptyInput{.type = Type::kStructure, .name = "DescribeLimitsInput"};

constexpr std::array<Operation, 2> kOperations{{
    {"DescribeLimits", &kEmptyInput, describe_limits},
    {"DescribeEndpoints", &kEmptyInput, describe_endpoints},
}};

}  // namespace

std::span<const Operation> account_operations() { return kOperations; }

}  // namespace bodega::dynamodb
