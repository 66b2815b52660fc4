// Items as bytes, and views that read them without decoding. All integers little-endian.
//
//   item    version u8 = 1 | item size u32 | count u32 | count x offset u32 | entries
//   entry   name length varint | name | value       (offsets: from the first; names ascending)
//   value   type u8 | payload
//     S, B        length varint | bytes
//     N           length u8 | canonical bytes (number.h)
//     BOOL        u8
//     NULL        nothing
//     SS, BS      payload length u32 | count varint | count x (length varint | bytes)
//     NS          payload length u32 | count varint | count x (length u8 | canonical bytes)
//     L           payload length u32 | count varint | values
//     M           payload length u32 | count varint | count x (name length varint | name | value)
//
// The item size in front is DynamoDB's (value.h), so that paging and capacity need no decode. The
// encoding is canonical: equal items have equal bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engines/table/value.h"

namespace bodega::table {

std::string encode_item(const Item& item);

// Throws StorageFault when the bytes are no item.
Item decode_item(std::string_view bytes);

// A value inside encoded bytes; as long-lived as they are. REQUIRES for each accessor: the type.
// Bytes that are no value throw StorageFault when they are met.
class ValueView {
 public:
  explicit ValueView(std::string_view bytes) : bytes_(bytes) {}

  Type type() const;
  std::string_view bytes() const;  // of S or B
  Number number() const;
  bool boolean() const;
  std::string_view key_bytes() const;  // of S or B the bytes, of N the canonical ones
  std::uint32_t count() const;         // elements of a set, list or map
  Value to_value() const;
  std::size_t size_bytes() const;  // DynamoDB's, without decoding

  // Calls visit(std::string_view) for each element of SS or BS.
  template <class Visitor>
  void each_bytes(Visitor&& visit) const;
  // Calls visit(const Number&) for each element of NS.
  template <class Visitor>
  void each_number(Visitor&& visit) const;
  // Calls visit(ValueView) for each element of L.
  template <class Visitor>
  void each_value(Visitor&& visit) const;
  // Calls visit(std::string_view name, ValueView) for each entry of M.
  template <class Visitor>
  void each_attribute(Visitor&& visit) const;

 private:
  // Walks the elements of a set, list or map.
  class Elements {
   public:
    explicit Elements(const ValueView& value);
    std::uint32_t count() const { return count_; }
    std::string_view bytes();
    Number number();
    ValueView value();

   private:
    std::string_view rest_;
    std::uint32_t count_;
  };

  std::string_view bytes_;  // starts at the type; may reach further than the value
};

// An encoded item: its size at once, one attribute in O(log count), all of it on request.
class ItemView {
 public:
  ItemView() = default;  // no attributes, and size 0
  explicit ItemView(std::string_view encoded);

  std::uint32_t size_bytes() const { return size_bytes_; }  // DynamoDB's
  std::uint32_t count() const { return count_; }
  std::string_view encoded() const { return encoded_; }

  std::optional<ValueView> find(std::string_view name) const;

  // The attribute at a position in name order. REQUIRES: position < count().
  std::pair<std::string_view, ValueView> at(std::uint32_t position) const;

  // The encoded item that has only the attributes of these names. REQUIRES: `names` are sorted.
  std::string project(const std::vector<std::string>& names) const;

  Item to_item() const { return count_ == 0 ? Item{} : decode_item(encoded_); }

 private:
  std::string_view entry(std::uint32_t position) const;  // its bytes
  std::optional<std::uint32_t> position_of(std::string_view name) const;

  std::string_view encoded_;
  std::uint32_t size_bytes_ = 0;
  std::uint32_t count_ = 0;
};

template <class Visitor>
void ValueView::each_bytes(Visitor&& visit) const {
  Elements elements(*this);
  for (std::uint32_t i = elements.count(); i > 0; --i) visit(elements.bytes());
}

template <class Visitor>
void ValueView::each_number(Visitor&& visit) const {
  Elements elements(*this);
  for (std::uint32_t i = elements.count(); i > 0; --i) visit(elements.number());
}

template <class Visitor>
void ValueView::each_value(Visitor&& visit) const {
  Elements elements(*this);
  for (std::uint32_t i = elements.count(); i > 0; --i) visit(elements.value());
}

template <class Visitor>
void ValueView::each_attribute(Visitor&& visit) const {
  Elements elements(*this);
  for (std::uint32_t i = elements.count(); i > 0; --i) {
    const std::string_view name = elements.bytes();
    visit(name, elements.value());
  }
}

}  // namespace bodega::table
