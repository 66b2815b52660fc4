#include "protocol/kms/key_reference.h"

#include <algorithm>
#include <array>
#include <optional>

#include "protocol/kms/errors.h"
#include "protocol/kms/specs.h"

namespace bodega::kms {
namespace {

// The services that have a key of their own in every account and region.
constexpr std::array<std::string_view, 25> kManagedAliases{
    "acm",          "backup",   "codecommit", "connect",
    "dms",          "dynamodb", "ebs",        "elasticfilesystem",
    "es",           "fsx",      "glue",       "kinesis",
    "kinesisvideo", "lambda",   "lightsail",  "mgh",
    "rds",          "redshift", "s3",         "secretsmanager",
    "sns",          "sqs",      "ssm",        "workspaces",
    "xray"};

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

// A UUID, or the id of a key of several regions.
bool is_key_id(std::string_view text) {
  constexpr std::string_view kMultiRegion = "mrk-";
  if (text.starts_with(kMultiRegion)) {
    text.remove_prefix(kMultiRegion.size());
    return text.size() == 32 && is_hex(text);
  }
  if (text.size() != 36) return false;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if ((text[i] == '-') != dash) return false;
    if (!dash) hex.push_back(text[i]);
  }
  return is_hex(hex);
}

// What stands behind arn:aws:kms:REGION:ACCOUNT: when both are the caller's. Throws Error.
std::string_view resource_of(const Request& request, std::string_view arn) {
  std::string_view rest = arn;
  std::array<std::string_view, 5> parts;  // arn, partition, service, region, account
  for (std::string_view& part : parts) {
    const std::size_t colon = rest.find(':');
    if (colon == std::string_view::npos) {
      throw Error(Code::kInvalidArnException, "Invalid arn " + std::string(arn));
    }
    part = rest.substr(0, colon);
    rest.remove_prefix(colon + 1);
  }
  if (parts[2] != "kms") throw Error(Code::kInvalidArnException, "Invalid arn " + std::string(arn));
  if (parts[3] != request.caller.region) {
    throw Error(Code::kNotFoundException, "Invalid arn " + std::string(parts[3]));
  }
  if (parts[4] != request.caller.account) {
    throw Error(Code::kAccessDeniedException,
                "User: " + request.caller.principal_arn() +
                    " is not authorized to access this resource: " + std::string(arn));
  }
  return rest;
}

std::string key_of_alias(const Request& request, std::string_view name) {
  const vault::Place place = request.place();
  if (name.starts_with(kServiceAliasPrefix) &&
      contains(kManagedAliases, name.substr(kServiceAliasPrefix.size()))) {
    return request.engine.managed_key(place, name).id;
  }
  const auto alias = request.engine.find_alias(place, name);
  if (alias) return alias->key_id;
  throw Error(Code::kNotFoundException, "Alias " + alias_arn(place, name) + " is not found.");
}

[[noreturn]] void throw_invalid_key_id(std::string_view text) {
  throw Error(Code::kNotFoundException, "Invalid keyId '" + std::string(text) + "'");
}

}  // namespace

std::string key_arn(const vault::Place& place, std::string_view key_id) {
  return "arn:aws:kms:" + place.region + ":" + place.account + ":key/" + std::string(key_id);
}

std::string alias_arn(const vault::Place& place, std::string_view name) {
  return "arn:aws:kms:" + place.region + ":" + place.account + ":" + std::string(name);
}

std::string resolve_key(const Request& request, std::string_view text, Accept accept) {
  constexpr std::string_view kKeyResource = "key/";
  const bool is_arn = text.starts_with("arn:");
  std::string_view name = is_arn ? resource_of(request, text) : text;
  if (name.starts_with(kAliasPrefix)) {
    if (accept == Accept::kKeysAndAliases) return key_of_alias(request, name);
    if (is_arn) {
      throw Error(Code::kInvalidArnException, "Key Aliases are not supported for this operation");
    }
  }
  if (is_arn) {
    if (!name.starts_with(kKeyResource)) {
      throw Error(Code::kInvalidArnException, "Invalid arn " + std::string(text));
    }
    name.remove_prefix(kKeyResource.size());
  }
  if (!is_key_id(name)) throw_invalid_key_id(name);
  return std::string(name);
}

vault::Key find_key(const Request& request, std::string_view member, Accept accept) {
  const std::string key_id = resolve_key(request, request.input.find(member).text(), accept);
  auto key = request.engine.find_key(request.place(), key_id);
  if (!key) throw_no_such_key(request.place(), key_id);
  return std::move(*key);
}

void throw_no_such_key(const vault::Place& place, std::string_view key_id) {
  throw Error(Code::kNotFoundException, "Key '" + key_arn(place, key_id) + "' does not exist");
}

void require_not_pending_deletion(const vault::Key& key) {
  if (key.state == vault::KeyState::kPendingDeletion) {
    throw Error(Code::kKMSInvalidStateException, key_arn(key) + " is pending deletion.");
  }
}

void require_enabled(const vault::Key& key) {
  require_not_pending_deletion(key);
  if (key.state == vault::KeyState::kDisabled) {
    throw Error(Code::kDisabledException, key_arn(key) + " is disabled.");
  }
}

void require_customer_managed(const Request& request, const vault::Key& key,
                              std::string_view operation) {
  if (key.manager == vault::KeyManager::kCustomer) return;
  throw Error(Code::kAccessDeniedException,
              "User: " + request.caller.principal_arn() + " is not authorized to perform: kms:" +
                  std::string(operation) + " on resource: " + key_arn(key));
}

void require_use(const vault::Key& key, vault::KeyUsage usage, std::string_view operation,
                 std::string_view algorithm) {
  require_enabled(key);
  if (key.usage != usage) {
    throw Error(Code::kInvalidKeyUsageException,
                key_arn(key) + " key usage is " + std::string(usage_name(key.usage)) +
                    " which is not valid for " + std::string(operation) + ".");
  }
  const SpecRow& row = spec_row(key.spec);
  if (!contains(algorithms(row, usage), algorithm)) {
    throw Error(Code::kInvalidKeyUsageException, "Algorithm " + std::string(algorithm) +
                                                     " is incompatible with key spec " +
                                                     std::string(row.name) + ".");
  }
}

vault::Key change_key(const Request& request, const vault::Engine::Change& change) {
  const std::string key_id =
      resolve_key(request, request.input.find("KeyId").text(), Accept::kKeys);
  auto changed = request.engine.change_key(request.place(), key_id, change);
  if (!changed) throw_no_such_key(request.place(), key_id);
  return std::move(*changed);
}

}  // namespace bodega::kms
