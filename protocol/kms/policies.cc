// Key policies: put, get, list. A key has one, by the name of default.
#include <array>

#include "protocol/aws/shape/members.h"
#include "protocol/kms/errors.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/operations.h"
#include "protocol/kms/policy.h"
#include "protocol/kms/shapes.h"

namespace bodega::kms {
namespace {

constexpr std::string_view kDefaultName = "default";
constexpr std::size_t kDefaultPoliciesPage = 100;

void check_policy_name(const Request& request) {
  if (aws::string_or(request.input, "PolicyName", kDefaultName) == kDefaultName) return;
  throw Error(Code::kNotFoundException, "No such policy exists");
}

std::string put_policy(const Request& request) {
  check_policy_name(request);
  const std::string_view policy = request.input.find("Policy").text();
  check_policy(policy);
  change_key(request, [&](vault::Key& key) {
    require_customer_managed(request, key, "PutKeyPolicy");
    key.policy = policy;
  });
  return nothing();
}

std::string get_policy(const Request& request) {
  const vault::Key key = find_key(request, "KeyId", Accept::kKeys);
  check_policy_name(request);
  std::string body;
  json::Object reply(body);
  reply.string("Policy", key.policy.empty() ? default_policy(key.place.account) : key.policy);
  reply.string("PolicyName", kDefaultName);
  reply.close();
  return body;
}

std::string list_policies(const Request& request) {
  find_key(request, "KeyId", Accept::kKeys);
  // There is one page, so that no marker was given out.
  if (!read_page(request, kDefaultPoliciesPage).after.empty()) throw invalid_marker();
  std::string body;
  json::Object reply(body);
  {
    json::Array names(reply.name("PolicyNames"));
    json::write_string(names.next(), kDefaultName);
  }
  write_page_end(reply, {});
  reply.close();
  return body;
}

using namespace shapes;
using enum Shape::Type;

constexpr Member kPutMembers[] = {
    {"KeyId", &kKeyId, kNotNull},
    {"PolicyName", &kPolicyName},
    {"Policy", &kPolicy, kNotNull},
    {"BypassPolicyLockoutSafetyCheck", &kFlag},
};
constexpr Shape kPut{.type = kStructure, .name = "PutKeyPolicyRequest", .members = kPutMembers};
constexpr Member kGetMembers[] = {{"KeyId", &kKeyId, kNotNull}, {"PolicyName", &kPolicyName}};
constexpr Shape kGet{.type = kStructure, .name = "GetKeyPolicyRequest", .members = kGetMembers};
constexpr Member kListMembers[] = {
    {"KeyId", &kKeyId, kNotNull}, {"Limit", &kLimit}, {"Marker", &kMarker}};
constexpr Shape kListPolicies{
    .type = kStructure, .name = "ListKeyPoliciesRequest", .members = kListMembers};

constexpr std::array kRows{
    Operation{{"GetKeyPolicy", &kGet}, get_policy},
    Operation{{"ListKeyPolicies", &kListPolicies}, list_policies},
    Operation{{"PutKeyPolicy", &kPut}, put_policy},
};

}  // namespace

std::span<const Operation> policy_operations() { return kRows; }

}  // namespace bodega::kms
