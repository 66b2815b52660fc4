// Rotation: automatic, on demand, and what was rotated when.
#include <algorithm>
#include <array>
#include <iterator>

#include "protocol/aws/shape/members.h"
#include "protocol/kms/errors.h"
#include "protocol/kms/key_reference.h"
#include "protocol/kms/operations.h"
#include "protocol/kms/shapes.h"

namespace bodega::kms {
namespace {

constexpr std::size_t kDefaultRotationsPage = 100;

void require_rotatable(const Request& request, const vault::Key& key, std::string_view operation) {
  require_customer_managed(request, key, operation);
  require_enabled(key);
  if (key.spec != vault::KeySpec::kSymmetric) {
    throw unsupported(key_arn(key) + " is not a symmetric encryption key, so it is not rotated.");
  }
}

std::string set_rotation(const Request& request, std::string_view operation,
                         const vault::Engine::Change& change) {
  change_key(request, [&](vault::Key& key) {
    require_rotatable(request, key, operation);
    change(key);
  });
  return nothing();
}

// A period that is not given stays as it was, and so does the date of the next rotation.
std::string enable_rotation(const Request& request) {
  const auto days = aws::integer_member(request.input, "RotationPeriodInDays");
  return set_rotation(request, "EnableKeyRotation", [&](vault::Key& key) {
    if (!days && key.rotation.next_us != 0) return;
    if (days) key.rotation.period_days = static_cast<std::uint32_t>(*days);
    key.rotation.next_us = request.clock.now_us() + key.rotation.period_days * vault::kDayUs;
  });
}

std::string disable_rotation(const Request& request) {
  return set_rotation(request, "DisableKeyRotation",
                      [](vault::Key& key) { key.rotation = vault::Rotation(); });
}

std::string rotation_status(const Request& request) {
  const vault::Key key = find_key(request, "KeyId", Accept::kKeys);
  const bool enabled = key.rotation.next_us != 0;
  std::string body;
  json::Object reply(body);
  reply.boolean("KeyRotationEnabled", enabled);
  reply.string("KeyId", key.id);
  if (enabled) {
    reply.integer("RotationPeriodInDays", key.rotation.period_days);
    write_date(reply, "NextRotationDate", key.rotation.next_us);
  }
  reply.close();
  return body;
}

std::string rotate_on_demand(const Request& request) {
  const std::string key_id =
      resolve_key(request, request.input.find("KeyId").text(), Accept::kKeys);
  const auto check = [&](const vault::Key& key) {
    require_rotatable(request, key, "RotateKeyOnDemand");
    const auto asked = std::count_if(key.materials.begin(), key.materials.end(),
                                     [](const vault::Material& material) {
                                       return material.rotation == vault::RotationKind::kOnDemand;
                                     });
    if (static_cast<std::size_t>(asked) >= vault::kMaxOnDemandRotations) {
      throw Error(Code::kLimitExceededException,
                  "The on-demand rotations limit has been reached for the given keyId. No more "
                  "on-demand rotations can be performed for this key: " +
                      key_arn(key));
    }
  };
  const auto rotated = request.engine.rotate_key(request.place(), key_id, check);
  if (!rotated) throw_no_such_key(request.place(), key_id);
  std::string body;
  json::Object reply(body);
  reply.string("KeyId", rotated->id);
  reply.close();
  return body;
}

void write_rotation(json::Object& out, const vault::Key& key, const vault::Material& material) {
  const bool current = material.id == key.materials.back().id;
  out.string("KeyId", key.id);
  out.string("KeyMaterialId", material.id);
  out.string("KeyMaterialState", current ? "CURRENT" : "NON_CURRENT");
  if (material.rotation == vault::RotationKind::kFirst) return;
  write_date(out, "RotationDate", material.created_us);
  out.string("RotationType",
             material.rotation == vault::RotationKind::kOnDemand ? "ON_DEMAND" : "AUTOMATIC");
}

// The first material of a page.
auto page_start(const vault::Key& key, const std::string& after) {
  if (after.empty()) return key.materials.begin();
  const auto last = std::find_if(key.materials.begin(), key.materials.end(),
                                 [&](const vault::Material& one) { return one.id == after; });
  if (last == key.materials.end()) throw invalid_marker();
  return std::next(last);
}

std::string list_rotations(const Request& request) {
  const vault::Key key = find_key(request, "KeyId", Accept::kKeys);
  require_not_pending_deletion(key);
  if (key.spec != vault::KeySpec::kSymmetric) {
    throw unsupported(key_arn(key) + " is not a symmetric encryption key, so it is not rotated.");
  }
  const vault::PageRequest page = read_page(request, kDefaultRotationsPage);
  const bool all = aws::string_or(request.input, "IncludeKeyMaterial", "") == "ALL_KEY_MATERIAL";
  auto material = page_start(key, page.after);
  std::size_t count = 0;
  std::string last;
  std::string after;
  std::string body;
  json::Object reply(body);
  json::Array rotations(reply.name("Rotations"));
  for (; material != key.materials.end(); ++material) {
    if (material->rotation == vault::RotationKind::kFirst && !all) continue;
    if (count++ == page.limit) {
      after = last;
      break;
    }
    json::Object entry(rotations.next());
    write_rotation(entry, key, *material);
    last = material->id;
  }
  rotations.close();
  write_page_end(reply, after);
  reply.close();
  return body;
}

using namespace shapes;
using enum Shape::Type;

constexpr Shape kPeriod{.type = kInteger, .min_value = 90, .max_value = 2560};
constexpr Shape kInclude{.type = kString, .values = "ALL_KEY_MATERIAL, ROTATIONS_ONLY"};
constexpr Member kEnableMembers[] = {{"KeyId", &kKeyId, kNotNull},
                                     {"RotationPeriodInDays", &kPeriod}};
constexpr Shape kEnable{
    .type = kStructure, .name = "EnableKeyRotationRequest", .members = kEnableMembers};
constexpr Member kListMembers[] = {
    {"KeyId", &kKeyId, kNotNull},
    {"IncludeKeyMaterial", &kInclude},
    {"Limit", &kLimit},
    {"Marker", &kMarker},
};
constexpr Shape kListRotations{
    .type = kStructure, .name = "ListKeyRotationsRequest", .members = kListMembers};

constexpr std::array kRows{
    Operation{{"DisableKeyRotation", &kKeyIdInput}, disable_rotation},
    Operation{{"EnableKeyRotation", &kEnable}, enable_rotation},
    Operation{{"GetKeyRotationStatus", &kKeyIdInput}, rotation_status},
    Operation{{"ListKeyRotations", &kListRotations}, list_rotations},
    Operation{{"RotateKeyOnDemand", &kKeyIdInput}, rotate_on_demand},
};

}  // namespace

std::span<const Operation> rotation_operations() { return kRows; }

}  // namespace bodega::kms
