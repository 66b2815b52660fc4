// Tags of tables.
#include <array>

#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/tables/parameters.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

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

std::string tag_resource(const Request& request) {
  const table::OpenTable table = tagged_table(request, "TagResource");
  const json::Node tags = request.body.find("Tags");
  if (tags.size() == 0) throw validation("Atleast one Tag needs to be provided as Input.");
  change_settings(request, table, [&](table::TableSettings& settings, std::vector<table::Index>&) {
    read_tags(tags, settings.tags);
  });
  return {};
}

std::string untag_resource(const Request& request) {
  const table::OpenTable table = tagged_table(request, "UntagResource");
  const json::Node keys = request.body.find("TagKeys");
  if (keys.size() == 0) throw validation("Atleast one Tag Key needs to be provided as Input.");
  change_settings(request, table, [&](table::TableSettings& settings, std::vector<table::Index>&) {
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
constexpr Shape kTagInput{
    .type = Type::kStructure, .name = "TagResourceInput", .members = kTagInputMembers};
constexpr Shape kUntagInput{
    .type = Type::kStructure, .name = "UntagResourceInput", .members = kUntagInputMembers};
constexpr Shape kListTagsInput{
    .type = Type::kStructure, .name = "ListTagsOfResourceInput", .members = kListTagsMembers};

constexpr std::array<Operation, 3> kOperations{{
    {"TagResource", &kTagInput, tag_resource},
    {"UntagResource", &kUntagInput, untag_resource},
    {"ListTagsOfResource", &kListTagsInput, list_tags_of_resource},
}};

}  // namespace

std::span<const Operation> tag_operations() { return kOperations; }

}  // namespace bodega::dynamodb
