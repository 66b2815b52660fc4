// Time to live of a table's items: the setting.
#include <array>

#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/tables/parameters.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

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
  change_settings(request, table, [&](table::TableSettings& settings, std::vector<table::Index>&) {
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

using namespace shapes;
using enum Presence;
using Type = Shape::Type;

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
constexpr Shape kUpdateTtlInput{
    .type = Type::kStructure, .name = "UpdateTimeToLiveInput", .members = kUpdateTtlMembers};
constexpr Shape kTableInput{
    .type = Type::kStructure, .name = "DescribeTimeToLiveInput", .members = kTableMembers};

constexpr std::array<Operation, 2> kOperations{{
    {"UpdateTimeToLive", &kUpdateTtlInput, update_time_to_live},
    {"DescribeTimeToLive", &kTableInput, describe_time_to_live},
}};

}  // namespace

std::span<const Operation> time_to_live_operations() { return kOperations; }

}  // namespace bodega::dynamodb
