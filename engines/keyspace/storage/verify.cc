#include "engines/keyspace/storage/verify.h"

#include "engines/base/check.h"
#include "engines/base/fault.h"
#include "engines/keyspace/storage/format.h"

namespace bodega::keyspace {

void check_record(kv::Family family, std::string_view key, std::string_view value) {
  if (family == kv::Family::kElements) {
    if (key.size() < sizeof(std::uint64_t)) throw base::StorageFault("a key cannot be understood");
    return;
  }
  BODEGA_CHECK(family == kv::Family::kKeys);
  if (is_key_record(key)) {
    format::decode_key_record(value);
  } else if (key == format::database_map_key()) {
    format::decode_database_map(value);
  } else if (!format::is_beside_keys(key) && !format::decode_library_key(key)) {
    throw base::StorageFault("a key cannot be understood");
  }
}

bool is_key_record(std::string_view key) { return format::decode_record_key(key).has_value(); }

}  // namespace bodega::keyspace
