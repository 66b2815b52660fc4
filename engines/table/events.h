// Changes of items as events of the journal: what stands in the body of one, both directions.
//
//   body   format:1 = 1 | change:1 | images:1 (bits: 1 new, 2 old) | keys | new image | old image
//
// keys and images are items (format.h) with a varint length in front; an image that is not there is
// left out. The keys are the key attributes of the table alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/journal/model.h"
#include "engines/table/requests.h"

namespace bodega::table {

// On disk as these numbers.
enum class ItemChange : std::uint8_t { kInsert = 1, kModify = 2, kRemove = 3 };

struct ItemEvent {
  ItemChange change = ItemChange::kInsert;
  StoredItem keys;
  std::optional<StoredItem> new_image;
  std::optional<StoredItem> old_image;
};

// What is recorded of a table's items.
struct Recording {
  journal::SourceId source = 0;
  journal::Images images = journal::Images::kKeysOnly;
  std::vector<std::string> key_names;  // sorted
};

// A change of an item: `before` or `after` is nullptr when there was or is none.
std::string encode_event(const Recording& recording, const ItemView* before, const ItemView* after);

// With the images that `wanted` names, as far as they were recorded. Throws StorageFault when the
// bytes are no event.
ItemEvent decode_event(std::string_view body, journal::Images wanted);

}  // namespace bodega::table
