#include "protocol/dynamodb/service.h"

#include <array>

#include "engines/base/crc.h"
#include "engines/base/random.h"
#include "protocol/dynamodb/idempotency.h"
#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

constexpr std::string_view kTargetPrefix = "DynamoDB_20120810.";
constexpr std::string_view kStreamsPrefix = "DynamoDBStreams_20120810.";

// The operations of streams, known and not implemented.
constexpr std::array<aws::OperationRow, 4> kStreamsOperations{
    {{"DescribeStream"}, {"GetRecords"}, {"GetShardIterator"}, {"ListStreams"}}};

const aws::JsonProfile kProfile{{.service = "dynamodb",
                                 .catalogue = aws::Catalogue(kErrorRows),
                                 .model = kModel,
                                 .internal_error = "InternalServerError",
                                 .internal_message = "Internal server error",
                                 .max_body_bytes = kMaxBodyBytes,
                                 .resource_member = "TableName"},
                                "application/x-amz-json-1.0"};

// The region in dynamodb.REGION.…, for the liveness page.
std::string region_of_host(std::string_view host) {
  constexpr std::string_view kPrefix = "dynamodb.";
  if (!host.starts_with(kPrefix)) return std::string(aws::kDefaultRegion);
  host.remove_prefix(kPrefix.size());
  const std::string_view label = host.substr(0, host.find('.'));
  // A region has dashes: us-east-1. dynamodb.localhost names none.
  return label.find('-') == std::string_view::npos ? std::string(aws::kDefaultRegion)
                                                   : std::string(label);
}

}  // namespace

Service::Service(base::Selector<table::Engine>& engines, const aws::Front& front, Tables tables)
    : JsonService(front, kProfile), engines_(engines), tables_(tables) {}

const aws::OperationRow* Service::find_operation(std::string_view target) const {
  if (target.starts_with(kTargetPrefix)) {
    return dynamodb::find_operation(target.substr(kTargetPrefix.size()));
  }
  if (!target.starts_with(kStreamsPrefix)) return nullptr;
  for (const aws::OperationRow& row : kStreamsOperations) {
    if (row.name == target.substr(kStreamsPrefix.size())) return &row;
  }
  return nullptr;
}

base::Pinned<void> Service::pin(std::string_view access_key_id) {
  auto world = engines_.engine_for(access_key_id);
  return {std::move(world.engine), world.clock, world.state};
}

std::string Service::run(const aws::OperationRow& row, const aws::ServiceRequest& request) {
  if (tables_ == Tables::kOfCaller) return run_as(request.caller, row, request);
  aws::Caller everyone = request.caller;
  everyone.account = aws::kDefaultAccount;
  everyone.region = aws::kDefaultRegion;
  return run_as(everyone, row, request);
}

std::string Service::run_as(const aws::Caller& caller, const aws::OperationRow& row,
                            const aws::ServiceRequest& request) {
  return static_cast<const Operation&>(row).run(Request{
      request.input, request.text, caller, *static_cast<table::Engine*>(request.world.engine.get()),
      *request.world.clock, expressions_, request.world.state->get<Idempotency>(),
      request.head.headers.get_or_empty("Host")});
}

std::string Service::make_request_id() const {
  return base::random_string(52, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

void Service::add_headers(http::Reply& reply, std::string_view body,
                          std::string_view request_id) const {
  reply.headers.add("Server", "Server");
  reply.headers.add("x-amzn-RequestId", std::string(request_id));
  reply.headers.add("x-amz-crc32", std::to_string(base::crc32(body)));
}

http::Reply Service::answer_root(const http::RequestHead& head) const {
  http::Reply reply = make_reply(
      200,
      "healthy: dynamodb." + region_of_host(head.headers.get_or_empty("Host")) + ".amazonaws.com ",
      make_request_id());
  add_cors(reply, head);
  reply.operation = "Health";
  return reply;
}

}  // namespace bodega::dynamodb
