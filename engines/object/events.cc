#include "engines/object/events.h"

#include "engines/base/bytes.h"
#include "engines/base/fault.h"

namespace bodega::object {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kFlagDeleteMarker = 1;

[[noreturn]] void corrupt() { throw base::StorageFault("an event of a bucket is damaged"); }

}  // namespace

std::string encode_event(const ObjectEvent& event) {
  std::string body;
  base::put_u8(body, kFormat);
  base::put_u8(body, static_cast<std::uint8_t>(event.change));
  base::put_u8(body, event.is_delete_marker ? kFlagDeleteMarker : 0);
  base::put_u8(body, static_cast<std::uint8_t>(event.versioning));
  base::put_string(body, event.key);
  base::put_string(body, event.version_id);
  base::put_string(body, event.etag);
  base::put_varint(body, event.size_bytes);
  base::put_varint(body, event.properties.size());
  for (const std::string& name : event.properties) base::put_string(body, name);
  return body;
}

ObjectEvent decode_event(std::string_view body) {
  base::ByteReader in(body);
  ObjectEvent event;
  if (in.u8() != kFormat) corrupt();
  event.change = static_cast<ObjectChange>(in.u8());
  event.is_delete_marker = (in.u8() & kFlagDeleteMarker) != 0;
  event.versioning = static_cast<Versioning>(in.u8());
  event.key = in.string();
  event.version_id = in.string();
  event.etag = in.string();
  event.size_bytes = in.varint();
  for (std::uint64_t left = in.varint(); left > 0 && in.ok(); --left) {
    event.properties.emplace_back(in.string());
  }
  const bool is_known = event.change >= ObjectChange::kPut &&
                        event.change <= ObjectChange::kAttributesChanged &&
                        event.versioning <= Versioning::kSuspended;
  if (!is_known || !in.ok() || !in.at_end()) corrupt();
  return event;
}

}  // namespace bodega::object
