// Grants: create, list, retire, revoke. They are kept and listed; without policies every caller may
// already use the keys of its account.
#include <algorithm>
#include <array>

#include "protocol/aws/shape/members.h"
#include "protocol/kms/errors.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/operations.h"
#include "protocol/kms/shapes.h"
#include "protocol/kms/specs.h"

namespace bodega::kms {
namespace {

constexpr std::size_t kDefaultGrantsPage = 50;
constexpr std::size_t kGrantIdLength = 64;

// Which operations a grant of a key can allow, by the key's usage. Those that are for all keys are
// in kForAllKeys.
constexpr std::array<std::string_view, 3> kForAllKeys{"CreateGrant", "RetireGrant", "DescribeKey"};
constexpr std::array<std::string_view, 8> kForSymmetric{
    "Decrypt",       "Encrypt",     "GenerateDataKey",     "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom", "ReEncryptTo", "GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"};
constexpr std::array<std::string_view, 5> kForRsa{"Decrypt", "Encrypt", "ReEncryptFrom",
                                                  "ReEncryptTo", "GetPublicKey"};
constexpr std::array<std::string_view, 3> kForSigning{"Sign", "Verify", "GetPublicKey"};
constexpr std::array<std::string_view, 2> kForMac{"GenerateMac", "VerifyMac"};
constexpr std::array<std::string_view, 2> kForAgreement{"DeriveSharedSecret", "GetPublicKey"};

Names grantable(const vault::Key& key) {
  switch (key.usage) {
    case vault::KeyUsage::kEncrypt:
      return key.spec == vault::KeySpec::kSymmetric ? Names(kForSymmetric) : Names(kForRsa);
    case vault::KeyUsage::kSign: return kForSigning;
    case vault::KeyUsage::kMac: return kForMac;
    case vault::KeyUsage::kAgree: return kForAgreement;
  }
  return {};
}

void check_grant(const vault::Key& key, const vault::Grant& grant) {
  require_enabled(key);
  for (const std::string& operation : grant.operations) {
    if (contains(kForAllKeys, operation) || contains(grantable(key), operation)) continue;
    throw validation("The grant operation " + operation + " is not supported for key usage " +
                     std::string(usage_name(key.usage)) + " and key spec " +
                     std::string(spec_row(key.spec).name) + ".");
  }
  const bool constrained = !grant.context_subset.empty() || !grant.context_equals.empty();
  if (constrained && key.spec != vault::KeySpec::kSymmetric) {
    throw validation("Encryption context constraints need a symmetric encryption key.");
  }
}

// At most one of a principal and a service.
void require_one(const std::string& principal, const std::string& service, std::string_view name) {
  if (principal.empty() || service.empty()) return;
  throw validation("Specify " + std::string(name) +
                   " as a principal or as a service, not as both.");
}

vault::Grant read_grant(const Request& request) {
  const json::Node input = request.input;
  vault::Grant grant;
  grant.name = aws::string_or(input, "Name", "");
  grant.grantee = aws::string_or(input, "GranteePrincipal", "");
  grant.grantee_service = aws::string_or(input, "GranteeServicePrincipal", "");
  grant.retiring = aws::string_or(input, "RetiringPrincipal", "");
  grant.retiring_service = aws::string_or(input, "RetiringServicePrincipal", "");
  if (grant.grantee.empty() && grant.grantee_service.empty()) {
    throw validation(
        "1 validation error detected: Value null at 'granteePrincipal' failed to satisfy "
        "constraint: Member must not be null");
  }
  require_one(grant.grantee, grant.grantee_service, "the grantee");
  require_one(grant.retiring, grant.retiring_service, "who retires the grant");
  grant.issuer = request.caller.account;
  const json::Node operations = input.find("Operations");
  for (json::Node one = operations.first(); one.exists(); one = one.next()) {
    grant.operations.emplace_back(one.text());
  }
  const json::Node constraints = input.find("Constraints");
  grant.context_subset = fields_of(constraints.find("EncryptionContextSubset"));
  grant.context_equals = fields_of(constraints.find("EncryptionContextEquals"));
  grant.source_arn = aws::string_or(constraints, "SourceArn", "");
  return grant;
}

std::string create_grant(const Request& request) {
  vault::Grant grant = read_grant(request);
  grant.key_id = resolve_key(request, request.input.find("KeyId").text(), Accept::kKeys);
  const auto granted =
      request.engine.create_grant(request.place(), grant, [&](const vault::Key& key) {
        check_grant(key, grant);
        end_of_dry_run(request);
      });
  if (!granted) throw_no_such_key(request.place(), grant.key_id);
  std::string body;
  json::Object reply(body);
  reply.string("GrantToken", granted->token);
  reply.string("GrantId", granted->grant_id);
  reply.close();
  return body;
}

void write_context(json::Object& out, std::string_view name, const vault::Fields& context) {
  if (context.empty()) return;
  json::Object fields(out.name(name));
  for (const auto& [key, value] : context) fields.string(key, value);
}

void write_if(json::Object& out, std::string_view name, const std::string& value) {
  if (!value.empty()) out.string(name, value);
}

void write_grant(json::Object& out, const Request& request, const vault::Grant& grant) {
  out.string("KeyId", key_arn(request.place(), grant.key_id));
  out.string("GrantId", grant.id);
  write_if(out, "Name", grant.name);
  write_date(out, "CreationDate", grant.created_us);
  write_if(out, "GranteePrincipal", grant.grantee);
  write_if(out, "RetiringPrincipal", grant.retiring);
  write_if(out, "GranteeServicePrincipal", grant.grantee_service);
  write_if(out, "RetiringServicePrincipal", grant.retiring_service);
  out.string("IssuingAccount", "arn:aws:iam::" + grant.issuer + ":root");
  {
    json::Array operations(out.name("Operations"));
    for (const std::string& one : grant.operations) json::write_string(operations.next(), one);
  }
  if (grant.context_subset.empty() && grant.context_equals.empty() && grant.source_arn.empty()) {
    return;
  }
  json::Object constraints(out.name("Constraints"));
  write_context(constraints, "EncryptionContextSubset", grant.context_subset);
  write_context(constraints, "EncryptionContextEquals", grant.context_equals);
  write_if(constraints, "SourceArn", grant.source_arn);
}

std::string grants_body(const Request& request, std::string_view key_id,
                        const vault::GrantFilter& filter) {
  const auto page = request.engine.list_grants(request.place(), key_id, filter,
                                               read_page(request, kDefaultGrantsPage));
  std::string body;
  json::Object reply(body);
  json::Array grants(reply.name("Grants"));
  for (const vault::Grant& grant : page.elements) {
    json::Object entry(grants.next());
    write_grant(entry, request, grant);
  }
  grants.close();
  write_page_end(reply, page.after);
  reply.close();
  return body;
}

void check_grant_id(std::string_view id) {
  const bool hex = std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (!hex || id.size() != kGrantIdLength) {
    throw Error(Code::kInvalidGrantIdException, "Invalid grant ID " + std::string(id));
  }
}

std::string list_grants(const Request& request) {
  const vault::Key key = find_key(request, "KeyId", Accept::kKeys);
  vault::GrantFilter filter;
  filter.id = aws::string_or(request.input, "GrantId", "");
  if (!filter.id.empty()) check_grant_id(filter.id);
  filter.grantee = aws::string_or(request.input, "GranteePrincipal", "");
  filter.grantee_service = aws::string_or(request.input, "GranteeServicePrincipal", "");
  return grants_body(request, key.id, filter);
}

std::string list_retirable_grants(const Request& request) {
  vault::GrantFilter filter;
  filter.retiring = aws::string_or(request.input, "RetiringPrincipal", "");
  filter.retiring_service = aws::string_or(request.input, "RetiringServicePrincipal", "");
  if (filter.retiring.empty() == filter.retiring_service.empty()) {
    throw validation("Specify either RetiringPrincipal or RetiringServicePrincipal.");
  }
  return grants_body(request, {}, filter);
}

// Checks that the grant is there, and removes it unless the request is a dry run.
std::string remove_grant(const Request& request, const vault::GrantReference& grant) {
  const auto throw_no_such_grant = [&grant] {
    throw Error(Code::kNotFoundException, "Grant ID " + grant.grant_id + " is not found.");
  };
  if (!request.engine.find_grant(request.place(), grant.key_id, grant.grant_id)) {
    throw_no_such_grant();
  }
  end_of_dry_run(request);
  if (!request.engine.delete_grant(request.place(), grant.key_id, grant.grant_id)) {
    throw_no_such_grant();
  }
  return nothing();
}

vault::GrantReference read_reference(const Request& request) {
  const std::string grant_id(request.input.find("GrantId").text());
  check_grant_id(grant_id);
  return {find_key(request, "KeyId", Accept::kKeys).id, grant_id};
}

std::string retire_grant(const Request& request) {
  const auto token = aws::string_member(request.input, "GrantToken");
  const bool by_id =
      aws::has_member(request.input, "KeyId") && aws::has_member(request.input, "GrantId");
  if (token.has_value() == by_id) {
    throw validation("Grant token OR (grant ID, key ID) must be specified");
  }
  if (by_id) return remove_grant(request, read_reference(request));
  const auto reference = request.engine.read_grant_token(request.place(), *token);
  if (!reference) throw Error(Code::kInvalidGrantTokenException, "Invalid grant token.");
  return remove_grant(request, *reference);
}

std::string revoke_grant(const Request& request) {
  return remove_grant(request, read_reference(request));
}

using namespace shapes;
using enum Shape::Type;

bool is_principal(std::string_view text) {
  constexpr std::string_view kSigns = "_+=,.@:/-";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSigns.find(c) != std::string_view::npos;
  });
}

bool is_grant_name(std::string_view text) {
  return is_principal(text) && text.find_first_of("+=,.@") == std::string_view::npos;
}

constexpr aws::Pattern kPrincipalPattern{"^[\\w+=,.@:/-]+$", is_principal};
constexpr aws::Pattern kNamePattern{"^[a-zA-Z0-9:/_-]+$", is_grant_name};
constexpr Shape kPrincipal{
    .type = kString, .min_length = 1, .max_length = 256, .pattern = &kPrincipalPattern};
constexpr Shape kServicePrincipal{.type = kString, .min_length = 1, .max_length = 128};
constexpr Shape kName{
    .type = kString, .min_length = 1, .max_length = 256, .pattern = &kNamePattern};
constexpr Shape kGrantId{.type = kString, .min_length = 1, .max_length = 128};
constexpr Shape kToken{.type = kString, .min_length = 1, .max_length = 8192};
constexpr Shape kSourceArn{.type = kString, .min_length = 20, .max_length = 512};
constexpr Shape kOperation{
    .type = kString,
    .values =
        "Decrypt, Encrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, ReEncryptFrom, "
        "ReEncryptTo, Sign, Verify, GetPublicKey, CreateGrant, RetireGrant, DescribeKey, "
        "GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GenerateMac, VerifyMac, "
        "DeriveSharedSecret"};
constexpr Shape kOperations{.type = kList, .element = &kOperation};
constexpr Member kConstraintMembers[] = {
    {"EncryptionContextSubset", &kEncryptionContext},
    {"EncryptionContextEquals", &kEncryptionContext},
    {"SourceArn", &kSourceArn},
};
constexpr Shape kConstraints{
    .type = kStructure, .name = "GrantConstraints", .members = kConstraintMembers};
constexpr Member kCreateMembers[] = {
    {"KeyId", &kKeyId, kNotNull},
    {"GranteePrincipal", &kPrincipal},
    {"RetiringPrincipal", &kPrincipal},
    {"Operations", &kOperations, kNotNull},
    {"Constraints", &kConstraints},
    {"GrantTokens", &kGrantTokens},
    {"Name", &kName},
    {"DryRun", &kFlag},
    {"GranteeServicePrincipal", &kServicePrincipal},
    {"RetiringServicePrincipal", &kServicePrincipal},
};
constexpr Shape kCreate{
    .type = kStructure, .name = "CreateGrantRequest", .members = kCreateMembers};
constexpr Member kListMembers[] = {
    {"Limit", &kLimit},
    {"Marker", &kMarker},
    {"KeyId", &kKeyId, kNotNull},
    {"GrantId", &kGrantId},
    {"GranteePrincipal", &kPrincipal},
    {"GranteeServicePrincipal", &kServicePrincipal},
};
constexpr Shape kListGrants{
    .type = kStructure, .name = "ListGrantsRequest", .members = kListMembers};
constexpr Member kRetirableMembers[] = {
    {"Limit", &kLimit},
    {"Marker", &kMarker},
    {"RetiringPrincipal", &kPrincipal},
    {"RetiringServicePrincipal", &kServicePrincipal},
};
constexpr Shape kListRetirable{
    .type = kStructure, .name = "ListRetirableGrantsRequest", .members = kRetirableMembers};
constexpr Member kRetireMembers[] = {
    {"GrantToken", &kToken}, {"KeyId", &kKeyId}, {"GrantId", &kGrantId}, {"DryRun", &kFlag}};
constexpr Shape kRetire{
    .type = kStructure, .name = "RetireGrantRequest", .members = kRetireMembers};
constexpr Member kRevokeMembers[] = {
    {"KeyId", &kKeyId, kNotNull}, {"GrantId", &kGrantId, kNotNull}, {"DryRun", &kFlag}};
constexpr Shape kRevoke{
    .type = kStructure, .name = "RevokeGrantRequest", .members = kRevokeMembers};

constexpr std::array kRows{
    Operation{{"CreateGrant", &kCreate}, create_grant},
    Operation{{"ListGrants", &kListGrants}, list_grants},
    Operation{{"ListRetirableGrants", &kListRetirable}, list_retirable_grants},
    Operation{{"RetireGrant", &kRetire}, retire_grant},
    Operation{{"RevokeGrant", &kRevoke}, revoke_grant},
};

}  // namespace

std::span<const Operation> grant_operations() { return kRows; }

}  // namespace bodega::kms
