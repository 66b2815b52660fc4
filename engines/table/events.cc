#include "engines/table/events.h"

#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/check.h"
#include "engines/base/fault.h"

namespace bodega::table {
namespace {

using journal::Images;

constexpr std::uint8_t kFormat = 1;

[[noreturn]] void corrupt() { throw base::StorageFault("an event of a table is damaged"); }

ItemChange change_between(const ItemView* before, const ItemView* after) {
  if (before == nullptr) return ItemChange::kInsert;
  return after == nullptr ? ItemChange::kRemove : ItemChange::kModify;
}

StoredItem take_item(base::ByteReader& in) {
  StoredItem item{std::string(in.string())};
  if (!in.ok()) corrupt();
  item.to_item();  // throws when it is none, so that views of it need not
  return item;
}

}  // namespace

std::string encode_event(const Recording& recording, const ItemView* before,
                         const ItemView* after) {
  BODEGA_CHECK(before != nullptr || after != nullptr);
  const bool has_new = after != nullptr && has(recording.images, Images::kNew);
  const bool has_old = before != nullptr && has(recording.images, Images::kOld);
  Images images = Images::kKeysOnly;
  if (has_new) images = images | Images::kNew;
  if (has_old) images = images | Images::kOld;
  std::string body;
  base::put_u8(body, kFormat);
  base::put_u8(body, static_cast<std::uint8_t>(change_between(before, after)));
  base::put_u8(body, static_cast<std::uint8_t>(images));
  base::put_string(body, (after != nullptr ? *after : *before).project(recording.key_names));
  if (has_new) base::put_string(body, after->encoded());
  if (has_old) base::put_string(body, before->encoded());
  return body;
}

ItemEvent decode_event(std::string_view body, Images wanted) {
  base::ByteReader in(body);
  if (in.u8() != kFormat) corrupt();
  const std::uint8_t change = in.u8();
  const std::uint8_t images = in.u8();
  if (change < static_cast<std::uint8_t>(ItemChange::kInsert) ||
      change > static_cast<std::uint8_t>(ItemChange::kRemove) ||
      images > static_cast<std::uint8_t>(Images::kNewAndOld)) {
    corrupt();
  }
  ItemEvent event{static_cast<ItemChange>(change), take_item(in), {}, {}};
  if (has(Images{images}, Images::kNew)) event.new_image = take_item(in);
  if (has(Images{images}, Images::kOld)) event.old_image = take_item(in);
  if (!in.at_end()) corrupt();
  if (!has(wanted, Images::kNew)) event.new_image.reset();
  if (!has(wanted, Images::kOld)) event.old_image.reset();
  return event;
}

}  // namespace bodega::table
