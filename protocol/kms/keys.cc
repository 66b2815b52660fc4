// Keys: create, describe, list, enable and disable, and their deletion.
#include <array>

#include "protocol/aws/shape/members.h"
#include "protocol/kms/errors.h"
#include "protocol/kms/key_metadata.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/operations.h"
#include "protocol/kms/policy.h"
#include "protocol/kms/shapes.h"
#include "protocol/kms/specs.h"

namespace bodega::kms {
namespace {

constexpr std::int64_t kDefaultPendingDays = 30;
constexpr std::size_t kDefaultKeysPage = 100;

// What is known and would make another kind of key.
void refuse_other_origins(const Request& request) {
  const std::string_view origin = aws::string_or(request.input, "Origin", "AWS_KMS");
  if (origin != "AWS_KMS") {
    throw unsupported("Keys with the Origin " + std::string(origin) + " are not implemented");
  }
  if (aws::flag_member(request.input, "MultiRegion")) {
    throw unsupported("Keys of several regions are not implemented");
  }
  for (const std::string_view name : {"CustomKeyStoreId", "XksKeyId"}) {
    if (aws::has_member(request.input, name)) {
      throw unsupported("The parameter " + std::string(name) + " is not implemented");
    }
  }
}

const SpecRow& read_spec(const Request& request) {
  const auto spec = aws::string_member(request.input, "KeySpec");
  const auto older = aws::string_member(request.input, "CustomerMasterKeySpec");
  if (spec && older) {
    throw validation(
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
        "CustomerMasterKeySpec is deprecated.");
  }
  return *find_spec(spec.value_or(older.value_or(kSymmetricDefault)));
}

vault::KeyUsage read_usage(const Request& request, const SpecRow& spec) {
  const auto name = aws::string_member(request.input, "KeyUsage");
  if (!name && spec.spec != vault::KeySpec::kSymmetric) {
    throw validation(
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
  }
  const vault::KeyUsage usage = *find_usage(name.value_or("ENCRYPT_DECRYPT"));
  if (algorithms(spec, usage).empty()) {
    throw validation("KeyUsage " + std::string(usage_name(usage)) +
                     " is not compatible with KeySpec " + std::string(spec.name));
  }
  return usage;
}

std::string create_key(const Request& request) {
  refuse_other_origins(request);
  vault::NewKey key;
  key.place = request.place();
  const SpecRow& spec = read_spec(request);
  key.spec = spec.spec;
  key.usage = read_usage(request, spec);
  key.description = aws::string_or(request.input, "Description", "");
  key.policy = aws::string_or(request.input, "Policy", "");
  if (!key.policy.empty()) check_policy(key.policy);
  key.tags = read_tags(request.input.find("Tags"));
  return key_metadata_body(request.engine.create_key(std::move(key)));
}

std::string describe_key(const Request& request) {
  return key_metadata_body(find_key(request, "KeyId", Accept::kKeysAndAliases));
}

std::string list_keys(const Request& request) {
  const auto owners = request.input.find("ResourceOwners");
  bool own = !owners.present();
  for (json::Node owner = owners.first(); owner.exists(); owner = owner.next()) {
    own |= owner.text() == "SELF";
  }
  // Nothing is shared between accounts, so others have none.
  const auto page =
      own ? request.engine.list_keys(request.place(), read_page(request, kDefaultKeysPage))
          : vault::Page<vault::Key>();
  std::string body;
  json::Object reply(body);
  json::Array keys(reply.name("Keys"));
  for (const vault::Key& key : page.elements) {
    json::Object entry(keys.next());
    entry.string("KeyId", key.id);
    entry.string("KeyArn", key_arn(key));
  }
  keys.close();
  write_page_end(reply, page.after);
  reply.close();
  return body;
}

std::string set_state(const Request& request, vault::KeyState state, std::string_view operation) {
  change_key(request, [&](vault::Key& key) {
    require_customer_managed(request, key, operation);
    require_not_pending_deletion(key);
    key.state = state;
  });
  return nothing();
}

std::string enable_key(const Request& request) {
  return set_state(request, vault::KeyState::kEnabled, "EnableKey");
}

std::string disable_key(const Request& request) {
  return set_state(request, vault::KeyState::kDisabled, "DisableKey");
}

std::string update_description(const Request& request) {
  change_key(request, [&](vault::Key& key) {
    require_customer_managed(request, key, "UpdateKeyDescription");
    require_not_pending_deletion(key);
    key.description = request.input.find("Description").text();
  });
  return nothing();
}

std::string schedule_deletion(const Request& request) {
  const std::int64_t days =
      aws::integer_member(request.input, "PendingWindowInDays").value_or(kDefaultPendingDays);
  const vault::Key key = change_key(request, [&](vault::Key& changed) {
    require_customer_managed(request, changed, "ScheduleKeyDeletion");
    require_not_pending_deletion(changed);
    changed.state = vault::KeyState::kPendingDeletion;
    changed.deletion_us = request.clock.now_us() + days * vault::kDayUs;
  });
  std::string body;
  json::Object reply(body);
  reply.string("KeyId", key_arn(key));
  write_date(reply, "DeletionDate", key.deletion_us);
  reply.string("KeyState", state_name(key.state));
  reply.integer("PendingWindowInDays", days);
  reply.close();
  return body;
}

std::string cancel_deletion(const Request& request) {
  const vault::Key key = change_key(request, [&](vault::Key& changed) {
    if (changed.state != vault::KeyState::kPendingDeletion) {
      throw Error(Code::kKMSInvalidStateException, key_arn(changed) + " is not pending deletion.");
    }
    changed.state = vault::KeyState::kDisabled;
    changed.deletion_us = 0;
  });
  std::string body;
  json::Object reply(body);
  reply.string("KeyId", key_arn(key));
  reply.close();
  return body;
}

using namespace shapes;
using enum Shape::Type;

constexpr std::string_view kSpecNames =
    "RSA_2048, ECC_NIST_P384, ECC_NIST_P256, ECC_NIST_P521, HMAC_384, RSA_3072, ECC_SECG_P256K1, "
    "RSA_4096, SYMMETRIC_DEFAULT, HMAC_256, HMAC_224, HMAC_512";
constexpr Shape kSpec{.type = kString, .values = kSpecNames};
constexpr Shape kUsage{
    .type = kString, .values = "ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT"};
constexpr Shape kOrigin{.type = kString,
                        .values = "EXTERNAL, AWS_CLOUDHSM, AWS_KMS, EXTERNAL_KEY_STORE"};
constexpr Shape kKeyStoreId{.type = kString, .min_length = 1, .max_length = 64};
constexpr Shape kXksKeyId{.type = kString, .min_length = 1, .max_length = 128};
constexpr Shape kOwner{.type = kString, .values = "SELF, OTHER_ACCOUNTS_VIA_RAM"};
constexpr Shape kOwners{.type = kList, .element = &kOwner, .min_length = 1, .max_length = 2};
// The model allows 1 to 365, the service takes these.
constexpr Shape kPendingDays{.type = kInteger, .min_value = 7, .max_value = 30};

constexpr Member kCreateMembers[] = {
    {"Policy", &kPolicy},
    {"Description", &kDescription},
    {"KeyUsage", &kUsage},
    {"CustomerMasterKeySpec", &kSpec},
    {"KeySpec", &kSpec},
    {"Origin", &kOrigin},
    {"CustomKeyStoreId", &kKeyStoreId},
    {"BypassPolicyLockoutSafetyCheck", &kFlag},
    {"Tags", &kTags},
    {"MultiRegion", &kFlag},
    {"XksKeyId", &kXksKeyId},
};
constexpr Shape kCreate{.type = kStructure, .name = "CreateKeyRequest", .members = kCreateMembers};
constexpr Member kDescribeMembers[] = {{"KeyId", &kKeyId, kNotNull},
                                       {"GrantTokens", &kGrantTokens}};
constexpr Shape kDescribe{
    .type = kStructure, .name = "DescribeKeyRequest", .members = kDescribeMembers};
constexpr Member kListMembers[] = {
    {"Limit", &kLimit}, {"Marker", &kMarker}, {"ResourceOwners", &kOwners}};
constexpr Shape kListKeys{.type = kStructure, .name = "ListKeysRequest", .members = kListMembers};
constexpr Member kUpdateMembers[] = {{"KeyId", &kKeyId, kNotNull},
                                     {"Description", &kDescription, kNotNull}};
constexpr Shape kUpdate{
    .type = kStructure, .name = "UpdateKeyDescriptionRequest", .members = kUpdateMembers};
constexpr Member kScheduleMembers[] = {{"KeyId", &kKeyId, kNotNull},
                                       {"PendingWindowInDays", &kPendingDays}};
constexpr Shape kSchedule{
    .type = kStructure, .name = "ScheduleKeyDeletionRequest", .members = kScheduleMembers};

constexpr std::array kRows{
    Operation{{"CancelKeyDeletion", &kKeyIdInput}, cancel_deletion},
    Operation{{.name = "CreateKey", .input = &kCreate, .cost = Operation::Cost::kLarge},
              create_key},
    Operation{{"DescribeKey", &kDescribe}, describe_key},
    Operation{{"DisableKey", &kKeyIdInput}, disable_key},
    Operation{{"EnableKey", &kKeyIdInput}, enable_key},
    Operation{{"ListKeys", &kListKeys}, list_keys},
    Operation{{"ScheduleKeyDeletion", &kSchedule}, schedule_deletion},
    Operation{{"UpdateKeyDescription", &kUpdate}, update_description},
};

}  // namespace

std::span<const Operation> key_operations() { return kRows; }

}  // namespace bodega::kms
