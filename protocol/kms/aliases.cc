// Aliases: create, update, delete, list.
#include <array>

#include "protocol/aws/shape/members.h"
#include "protocol/kms/errors.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/operations.h"
#include "protocol/kms/shapes.h"
#include "protocol/kms/specs.h"

namespace bodega::kms {
namespace {

constexpr std::size_t kDefaultAliasesPage = 50;

// The name of an alias that the caller may change. Throws Error.
std::string_view read_alias_name(const Request& request) {
  const std::string_view name = request.input.find("AliasName").text();
  if (!name.starts_with(kAliasPrefix)) {
    throw validation(
        "Alias must start with the prefix \"alias/\". Please see "
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
  }
  if (name.size() == kAliasPrefix.size() || name.find(':') != std::string_view::npos) {
    throw validation(std::string(name) + " contains invalid characters for an alias");
  }
  if (name.starts_with(kServiceAliasPrefix)) {
    throw Error(Code::kNotAuthorizedException);
  }
  return name;
}

// The id of the key that an alias shall stand for.
std::string read_target(const Request& request) {
  const std::string_view target = request.input.find("TargetKeyId").text();
  if (target.starts_with(kAliasPrefix)) {
    throw validation("Aliases must refer to keys. Not aliases");
  }
  return resolve_key(request, target, Accept::kKeys);
}

void check_target(const Request& request, const vault::Key& key, std::string_view operation) {
  require_customer_managed(request, key, operation);
  require_not_pending_deletion(key);
}

[[noreturn]] void throw_outcome(const Request& request, vault::Outcome outcome,
                                std::string_view alias, std::string_view key_id) {
  switch (outcome) {
    case vault::Outcome::kAliasExists:
      throw Error(
          Code::kAlreadyExistsException,
          "An alias with the name " + alias_arn(request.place(), alias) + " already exists");
    case vault::Outcome::kNoSuchKey: throw_no_such_key(request.place(), key_id);
    case vault::Outcome::kNoSuchAlias:
    case vault::Outcome::kNoSuchGrant: break;
  }
  throw Error(Code::kNotFoundException,
              "Alias " + alias_arn(request.place(), alias) + " is not found.");
}

std::string create_alias(const Request& request) {
  const std::string_view name = read_alias_name(request);
  const std::string key_id = read_target(request);
  const auto created = request.engine.create_alias(
      request.place(), name, key_id,
      [&](const vault::Key& key) { check_target(request, key, "CreateAlias"); });
  if (!created) throw_outcome(request, created.error(), name, key_id);
  return nothing();
}

std::string update_alias(const Request& request) {
  const std::string_view name = read_alias_name(request);
  const std::string key_id = read_target(request);
  const auto check = [&](const std::optional<vault::Key>& old_key, const vault::Key& new_key) {
    check_target(request, new_key, "UpdateAlias");
    if (!old_key) return;
    const bool same_kind = (old_key->spec == vault::KeySpec::kSymmetric) ==
                           (new_key.spec == vault::KeySpec::kSymmetric);
    if (!same_kind || old_key->usage != new_key.usage) {
      throw validation(
          "The current and new KMS keys of an alias must be of the same type and have the same "
          "key usage.");
    }
  };
  const auto updated = request.engine.update_alias(request.place(), name, key_id, check);
  if (!updated) throw_outcome(request, updated.error(), name, key_id);
  return nothing();
}

std::string delete_alias(const Request& request) {
  const std::string_view name = read_alias_name(request);
  const auto deleted = request.engine.delete_alias(request.place(), name);
  if (!deleted) throw_outcome(request, deleted.error(), name, {});
  return nothing();
}

std::string list_aliases(const Request& request) {
  std::string key_id;
  if (aws::has_member(request.input, "KeyId")) {
    key_id = find_key(request, "KeyId", Accept::kKeys).id;
  }
  const auto page =
      request.engine.list_aliases(request.place(), key_id, read_page(request, kDefaultAliasesPage));
  std::string body;
  json::Object reply(body);
  json::Array aliases(reply.name("Aliases"));
  for (const vault::Alias& alias : page.elements) {
    json::Object entry(aliases.next());
    entry.string("AliasName", alias.name);
    entry.string("AliasArn", alias_arn(request.place(), alias.name));
    entry.string("TargetKeyId", alias.key_id);
    write_date(entry, "CreationDate", alias.created_us);
    write_date(entry, "LastUpdatedDate", alias.updated_us);
  }
  aliases.close();
  write_page_end(reply, page.after);
  reply.close();
  return body;
}

using namespace shapes;
using enum Shape::Type;

constexpr Member kTargetMembers[] = {{"AliasName", &kAliasName, kNotNull},
                                     {"TargetKeyId", &kKeyId, kNotNull}};
constexpr Shape kTarget{
    .type = kStructure, .name = "CreateAliasRequest", .members = kTargetMembers};
constexpr Member kDeleteMembers[] = {{"AliasName", &kAliasName, kNotNull}};
constexpr Shape kDelete{
    .type = kStructure, .name = "DeleteAliasRequest", .members = kDeleteMembers};
constexpr Member kListMembers[] = {{"KeyId", &kKeyId}, {"Limit", &kLimit}, {"Marker", &kMarker}};
constexpr Shape kListAliases{
    .type = kStructure, .name = "ListAliasesRequest", .members = kListMembers};

constexpr std::array kRows{
    Operation{{"CreateAlias", &kTarget}, create_alias},
    Operation{{"DeleteAlias", &kDelete}, delete_alias},
    Operation{{"ListAliases", &kListAliases}, list_aliases},
    Operation{{"UpdateAlias", &kTarget}, update_alias},
};

}  // namespace

std::span<const Operation> alias_operations() { return kRows; }

}  // namespace bodega::kms
