#include "engines/object/named_blobs.h"

#include <string>

#include "engines/object/format.h"

namespace bodega::object {

void named_blobs(const kv::Store& store, const std::function<void(blob::BlobId)>& visit) {
  const auto snapshot = store.snapshot();
  const auto objects = store.cursor(kv::Family::kS3Objects, {}, {}, snapshot.get());
  const std::string nulls = format::null_space("").substr(0, 1);
  for (objects->seek_first(); objects->valid(); objects->next()) {
    if (objects->key() >= nulls) break;  // the last space, pointers only
    const auto record = format::decode_version(objects->value(), format::Depth::kAllButBytes);
    for (const Slice& slice : record.bytes.slices) visit(slice.blob);
  }
  const auto parts =
      store.cursor(kv::Family::kS3Uploads, format::part_space("").substr(0, 1), {}, snapshot.get());
  for (parts->seek_first(); parts->valid(); parts->next()) {
    for (const Slice& slice : format::decode_part(0, parts->value()).slices) visit(slice.blob);
  }
}

}  // namespace bodega::object
