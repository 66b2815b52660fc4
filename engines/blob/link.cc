// Store::link by copying, for stores that cannot do better and for file systems without links.
#include <string>

#include "engines/blob/store.h"

namespace bodega::blob {

std::optional<BlobId> Store::link(BlobId id) {
  constexpr std::size_t kCopyBufferBytes = 256 * 1024;
  const std::shared_ptr<const Reader> source = open(id);
  if (source == nullptr) return std::nullopt;
  const std::unique_ptr<Writer> target = create();
  std::string buffer(kCopyBufferBytes, '\0');
  std::uint64_t offset = 0;
  while (const std::size_t got = source->read(offset, buffer)) {
    target->write(std::string_view(buffer).substr(0, got));
    offset += got;
  }
  return target->finish().id;
}

}  // namespace bodega::blob
