// What hangs on a table beside its items: tags, time to live, recovery settings; and the account's
// limits and endpoints.
#include <array>

#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/tables/description.h"
#include "protocol/dynamodb/tables/parameters.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

// --- Tags ---

Error not_authorized(const Request& request, std::string_view operation, std::string_view arn) {
  return {Code::kAccessDeniedException,
          "User: arn:aws:iam::" + request.caller.account +
              ":root is not authorized to perform: dynamodb:" + std::string(operation) +
              " on resource: " + (arn.empty() ? std::string("*") : std::string(arn))};
}

// The table that a ResourceArn names. Indexes have ARNs too, but no tags.
table::OpenTable tagged_table(const Request& request, std::string_view operation) {
  const auto given = string_member(request.body, "ResourceArn");
  if (!given || given->empty()) throw validation("Invalid TableArn");
  const std::string arn(*given);
  if (!arn.starts_with("arn:")) throw invalid_parameter("ARNs must start with 'arn:': " + arn);
  if (arn.find(":dynamodb:") == std::string::npos || arn.find(":table/") == std::string::npos) {
    throw invalid_parameter("Provided Arn is not a DynamoDB resource arn: " + arn);
  }
  if (arn.find("/index/") != std::string::npos) {
    throw invalid_parameter(
        "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: " +
        arn);
  }
  const Error not_found{Code::kResourceNotFoundException,
                        "Requested resource not found: ResourceArn: " + arn + " not found"};
  if (arn.find("/stream/") != std::string::npos) throw not_found;
  const Error invalid =
      validation("Invalid TableArn: Invalid ResourceArn provided as input " + arn);
  std::optional<table::TableName> name;
  try {
    name = resolve_table_name(request.caller, arn);
  } catch (const Error&) {
    throw invalid;
  }
  if (name->account != request.caller.account) throw not_authorized(request, operation, arn);
  if (name->region != request.caller.region) throw invalid;
  auto table = request.engine.open_table(name->account, name->region, name->name);
  if (!table) throw not_found;
  return *std::move(table);
}

void change(const Request& request, const table::OpenTable& table,
            const table::Engine::ChangeSettings& change) {
  if (!request.engine.change_settings(table, change)) throw no_such_table(table->name.name);
}

std::string tag_resource(const Request& request) {
  const table::OpenTable table = tagged_table(request, "TagResource");
  const json::Node tags = request.body.find("Tags");
  if (tags.size() == 0) throw validation("Atleast one Tag needs to be provided as Input.");
  change(request, table, [&](table::TableSettings& settings, std::vector<table::Index>&) {
    read_tags(tags, settings.tags);
  });
  return {};
}

std::string untag_resource(const Request& request) {
  const table::OpenTable table = tagged_table(request, "UntagResource");
  const json::Node keys = request.body.find("TagKeys");
  if (keys.size() == 0) throw validation("Atleast one Tag Key needs to be provided as Input.");
  change(request, table, [&](table::TableSettings& settings, std::vector<table::Index>&) {
    for (json::Node key = keys.first(); key.exists(); key = key.next()) {
      if (key.present()) settings.tags.erase(std::string(key.text()));
    }
  });
  return {};
}

// All of them: the fifty that a table can have are one page.
std::string list_tags_of_resource(const Request& request) {
  const table::OpenTable table = tagged_table(request, "ListTagsOfResource");
  std::string out;
  json::Object reply(out);
  {
    json::Array list(reply.name("Tags"));
    for (const auto& [key, value] : table->settings.tags) {
      json::Object tag(list.next());
      tag.string("Key", key);
      tag.string("Value", value);
    }
  }
  reply.close();
  return out;
}

// --- Time to live ---

void write_ttl(json::Object& reply, std::string_view member, const std::string& attribute,
               bool enabled) {
  json::Object inner(reply.name(member));
  inner.string("AttributeName", attribute);
  inner.boolean("Enabled", enabled);
}

std::string update_time_to_live(const Request& request) {
  const table::OpenTable table = open_named_table(request);
  const json::Node specification = request.body.find("TimeToLiveSpecification");
  const bool enable = flag_member(specification, "Enabled");
  const std::string attribute(string_or(specification, "AttributeName", ""));
  change(request, table, [&](table::TableSettings& settings, std::vector<table::Index>&) {
    table::TimeToLiveSettings& now = settings.time_to_live;
    if (enable && now.enabled) {
      throw validation(now.attribute == attribute
                           ? "TimeToLive is already enabled"
                           : "TimeToLive is active on a different AttributeName: current "
                             "AttributeName is " +
                                 now.attribute);
    }
    if (!enable && !now.enabled) throw validation("TimeToLive is already disabled");
    if (!enable && now.attribute != attribute) {
      throw validation(
          "TimeToLive is active on a different AttributeName: current AttributeName "
          "is " +
          now.attribute);
    }
    now.enabled = enable;
    now.attribute = enable ? attribute : std::string();
    now.changed_us = request.clock.now_us();
  });
  std::string out;
  json::Object reply(out);
  write_ttl(reply, "TimeToLiveSpecification", attribute, enable);
  reply.close();
  return out;
}

std::string describe_time_to_live(const Request& request) {
  const table::OpenTable table = open_named_table(request);
  const table::TimeToLiveSettings& now = table->settings.time_to_live;
  std::string out;
  json::Object reply(out);
  {
    json::Object inner(reply.name("TimeToLiveDescription"));
    inner.string("TimeToLiveStatus", now.enabled ? "ENABLED" : "DISABLED");
    if (now.enabled) inner.string("AttributeName", now.attribute);
  }
  reply.close();
  return out;
}

// --- Backups: only what can be told of a table without any ---

std::string describe_continuous_backups(const Request& request) {
  const std::string_view given = string_or(request.body, "TableName", "");
  const table::TableName name = resolve_table_name(request.caller, given);
  if (!request.engine.open_table(name.account, name.region, name.name)) {
    throw Error{Code::kTableNotFoundException, "Table not found: " + std::string(given)};
  }
  return R"({"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",)"
         R"("PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}})";
}

// --- The account ---

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
using enum Presence;
using Type = Shape::Type;

constexpr Member kTagMembers[] = {
    {"Key", &kAnyString, kNotNull},
    {"Value", &kAnyString, kNotNull},
};
constexpr Shape kTag{.type = Type::kStructure, .name = "Tag", .members = kTagMembers};
constexpr Shape kTags{.type = Type::kList, .element = &kTag};
constexpr Shape kTagKeys{.type = Type::kList, .element = &kAnyString};
constexpr Member kTagInputMembers[] = {
    {"ResourceArn", &kAnyString},
    {"Tags", &kTags, kNotNull},
};
constexpr Member kUntagInputMembers[] = {
    {"ResourceArn", &kAnyString},
    {"TagKeys", &kTagKeys, kNotNull},
};
constexpr Member kListTagsMembers[] = {
    {"ResourceArn", &kAnyString},
    {"NextToken", &kAnyString},
};
constexpr Shape kTtlAttribute{.type = Type::kString, .min_length = 1, .max_length = 255};
constexpr Member kTtlMembers[] = {
    {"AttributeName", &kTtlAttribute, kNotNull},
    {"Enabled", &kFlag, kNotNull},
};
constexpr Shape kTtl{
    .type = Type::kStructure, .name = "TimeToLiveSpecification", .members = kTtlMembers};
constexpr Member kUpdateTtlMembers[] = {
    {"TableName", &kTableName, kNotNull},
    {"TimeToLiveSpecification", &kTtl, kNotNull},
};
constexpr Member kTableMembers[] = {{"TableName", &kTableName, kNotNull}};

constexpr Shape kTagInput{
    .type = Type::kStructure, .name = "TagResourceInput", .members = kTagInputMembers};
constexpr Shape kUntagInput{
    .type = Type::kStructure, .name = "UntagResourceInput", .members = kUntagInputMembers};
constexpr Shape kListTagsInput{
    .type = Type::kStructure, .name = "ListTagsOfResourceInput", .members = kListTagsMembers};
constexpr Shape kUpdateTtlInput{
    .type = Type::kStructure, .name = "UpdateTimeToLiveInput", .members = kUpdateTtlMembers};
constexpr Shape kTableInput{
    .type = Type::kStructure, .name = "DescribeTimeToLiveInput", .members = kTableMembers};
constexpr Shape kEmptyInput{.type = Type::kStructure, .name = "DescribeLimitsInput"};

constexpr std::array<Operation, 8> kOperations{{
    {"TagResource", &kTagInput, tag_resource},
    {"UntagResource", &kUntagInput, untag_resource},
    {"ListTagsOfResource", &kListTagsInput, list_tags_of_resource},
    {"UpdateTimeToLive", &kUpdateTtlInput, update_time_to_live},
    {"DescribeTimeToLive", &kTableInput, describe_time_to_live},
    {"DescribeContinuousBackups", &kTableInput, describe_continuous_backups},
    {"DescribeLimits", &kEmptyInput, describe_limits},
    {"DescribeEndpoints", &kEmptyInput, describe_endpoints},
}};

}  // namespace

std::span<const Operation> setting_operations() { return kOperations; }

}  // namespace bodega::dynamodb
