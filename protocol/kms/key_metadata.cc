#include "protocol/kms/key_metadata.h"

#include "protocol/json/json.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/request.h"
#include "protocol/kms/specs.h"

namespace bodega::kms {
namespace {

std::string_view algorithms_member(vault::KeyUsage usage) {
  switch (usage) {
    case vault::KeyUsage::kEncrypt: return "EncryptionAlgorithms";
    case vault::KeyUsage::kSign: return "SigningAlgorithms";
    case vault::KeyUsage::kMac: return "MacAlgorithms";
    case vault::KeyUsage::kAgree: return "KeyAgreementAlgorithms";
  }
  return "";
}

}  // namespace

void write_algorithms(json::Object& out, const vault::Key& key) {
  json::Array names(out.name(algorithms_member(key.usage)));
  for (const std::string_view name : algorithms(spec_row(key.spec), key.usage)) {
    json::write_string(names.next(), name);
  }
}

std::string key_metadata_body(const vault::Key& key) {
  std::string body;
  json::Object reply(body);
  json::Object out(reply.name("KeyMetadata"));
  const std::string_view spec = spec_row(key.spec).name;
  out.string("AWSAccountId", key.place.account);
  out.string("KeyId", key.id);
  out.string("Arn", key_arn(key));
  write_date(out, "CreationDate", key.created_us);
  out.boolean("Enabled", key.state == vault::KeyState::kEnabled);
  out.string("Description", key.description);
  out.string("KeyUsage", usage_name(key.usage));
  out.string("KeyState", state_name(key.state));
  if (key.state == vault::KeyState::kPendingDeletion) {
    write_date(out, "DeletionDate", key.deletion_us);
  }
  out.string("Origin", "AWS_KMS");
  out.string("KeyManager", key.manager == vault::KeyManager::kCustomer ? "CUSTOMER" : "AWS");
  out.string("CustomerMasterKeySpec", spec);
  out.string("KeySpec", spec);
  write_algorithms(out, key);
  out.boolean("MultiRegion", false);
  if (key.spec == vault::KeySpec::kSymmetric) {
    out.string("CurrentKeyMaterialId", key.materials.back().id);
  }
  out.close();
  reply.close();
  return body;
}

}  // namespace bodega::kms
