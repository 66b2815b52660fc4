#include "protocol/redis/rdb/value_reader.h"

#include <cmath>
#include <cstdlib>
#include <unordered_set>
#include <utility>

#include "engines/base/number_text.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/rdb/object_type.h"
#include "protocol/redis/rdb/packed_forms.h"

namespace bodega::redis {
namespace {

using keyspace::Type;

using PackedReader = bool (*)(std::string_view bytes, RdbStrings& out);

constexpr std::string_view kTwice = "a member or field that is there twice";
constexpr std::string_view kNoNumber = "a score that is no number";
constexpr std::string_view kTooLate = "an instant that is too late";

constexpr std::uint64_t kMaxFieldExpiryMs = (std::uint64_t{1} << 48) - 2;

// A count of strings, and the strings.
void read_strings(RdbInput& input, std::uint64_t each, RdbStrings& out) {
  const std::uint64_t count = input.count(each);
  for (std::uint64_t i = 0; i < count * each && input.ok(); ++i) out.add(input.text());
}

void read_packed(RdbInput& input, PackedReader reader, RdbStrings& out) {
  const std::string bytes = input.text();
  if (input.ok() && !reader(bytes, out)) input.fail("a damaged packed value");
}

void read_quicklist(RdbInput& input, PackedReader reader, RdbStrings& out) {
  const std::uint64_t nodes = input.count(1);
  for (std::uint64_t i = 0; i < nodes && input.ok(); ++i) read_packed(input, reader, out);
}

void read_quicklist2(RdbInput& input, RdbStrings& out) {
  const std::uint64_t nodes = input.count(2);
  for (std::uint64_t i = 0; i < nodes && input.ok(); ++i) {
    switch (input.length()) {
      case kPlainNode: out.add(input.text()); break;
      case kPackedNode: read_packed(input, read_listpack, out); break;
      default: input.fail("an unknown kind of list node");
    }
  }
}

void add_member(RdbInput& input, RdbValue& value, std::string_view member, double score) {
  if (std::isnan(score)) return input.fail(kNoNumber);
  value.items.add(member);
  value.scores.push_back(score);
}

void read_scored(RdbInput& input, double (RdbInput::*read_score)(), RdbValue& value) {
  const std::uint64_t count = input.count(2);
  for (std::uint64_t i = 0; i < count && input.ok(); ++i) {
    const std::string member = input.text();
    add_member(input, value, member, (input.*read_score)());
  }
}

double score_of(RdbInput& input, std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double score = std::strtod(copy.c_str(), &end);
  if (copy.empty() || end != copy.c_str() + copy.size()) input.fail(kNoNumber);
  return score;
}

// Members and scores in turn.
void read_packed_scored(RdbInput& input, PackedReader reader, RdbValue& value) {
  RdbStrings strings;
  read_packed(input, reader, strings);
  if (strings.size() % 2 != 0) return input.fail("a member without a score");
  for (std::size_t i = 0; i < strings.size() && input.ok(); i += 2) {
    add_member(input, value, strings[i], score_of(input, strings[i + 1]));
  }
}

// When a field expires, in ms; 0: never.
void add_expiry(RdbInput& input, RdbValue& value, std::uint64_t when_ms) {
  if (when_ms > kMaxFieldExpiryMs) return input.fail(kTooLate);
  value.expiries_ms.push_back(when_ms == 0 ? keyspace::kNoExpiry
                                           : static_cast<std::int64_t>(when_ms));
}

// How the instants of fields stand: as they are, or counted from one less than the first of them,
// which stands in front.
enum class Instants : std::uint8_t { kAbsolute, kFromFirst };

void read_expiring(RdbInput& input, Instants instants, RdbValue& value) {
  const std::uint64_t first_ms = instants == Instants::kFromFirst ? input.little_endian(8) : 1;
  if (first_ms > kMaxFieldExpiryMs) return input.fail(kTooLate);
  const std::uint64_t count = input.count(3);
  for (std::uint64_t i = 0; i < count && input.ok(); ++i) {
    const std::uint64_t when_ms = input.length();
    if (when_ms > kMaxFieldExpiryMs) return input.fail(kTooLate);
    add_expiry(input, value, when_ms == 0 ? 0 : when_ms + first_ms - 1);
    value.items.add(input.text());
    value.items.add(input.text());
  }
}

// Field, value, instant, again and again.
void read_packed_expiring(RdbInput& input, Instants instants, RdbValue& value) {
  if (instants == Instants::kFromFirst) input.little_endian(8);  // the fields tell it, too
  RdbStrings strings;
  read_packed(input, read_listpack, strings);
  if (strings.size() % 3 != 0) return input.fail("a field without a value or an instant");
  for (std::size_t i = 0; i < strings.size() && input.ok(); i += 3) {
    const auto when_ms = base::canonical_integer(strings[i + 2]);
    if (!when_ms || *when_ms < 0) return input.fail("an instant that is no number");
    add_expiry(input, value, static_cast<std::uint64_t>(*when_ms));
    value.items.add(strings[i]);
    value.items.add(strings[i + 1]);
  }
}

// Of every `step` strings the first is unlike those of all others.
void check_distinct(RdbInput& input, const RdbStrings& strings, std::size_t step) {
  std::unordered_set<std::string_view> seen;
  seen.reserve(strings.size() / step);
  for (std::size_t i = 0; i < strings.size(); i += step) {
    if (!seen.insert(strings[i]).second) return input.fail(kTwice);
  }
}

void read_body(RdbInput& input, ObjectType type, RdbValue& value) {
  switch (type) {
    case ObjectType::kString: value.text = input.text(); return;
    case ObjectType::kList: return read_strings(input, 1, value.items);
    case ObjectType::kListZiplist: return read_packed(input, read_ziplist, value.items);
    case ObjectType::kListQuicklist: return read_quicklist(input, read_ziplist, value.items);
    case ObjectType::kListQuicklist2: return read_quicklist2(input, value.items);
    case ObjectType::kSet: return read_strings(input, 1, value.items);
    case ObjectType::kSetIntset: return read_packed(input, read_intset, value.items);
    case ObjectType::kSetListpack: return read_packed(input, read_listpack, value.items);
    case ObjectType::kSortedSetText: return read_scored(input, &RdbInput::text_double, value);
    case ObjectType::kSortedSet: return read_scored(input, &RdbInput::binary_double, value);
    case ObjectType::kSortedSetZiplist: return read_packed_scored(input, read_ziplist, value);
    case ObjectType::kSortedSetListpack: return read_packed_scored(input, read_listpack, value);
    case ObjectType::kHash: return read_strings(input, 2, value.items);
    case ObjectType::kHashZipmap: return read_packed(input, read_zipmap, value.items);
    case ObjectType::kHashZiplist: return read_packed(input, read_ziplist, value.items);
    case ObjectType::kHashListpack: return read_packed(input, read_listpack, value.items);
    case ObjectType::kModulePreGa:
    case ObjectType::kModule: return input.fail("a value of a module, which is not here");
    case ObjectType::kStream1:
    case ObjectType::kStream2:
    case ObjectType::kStream3: return read_stream(input, type, value.stream);
    case ObjectType::kHashFieldExpiryPreGa: return read_expiring(input, Instants::kAbsolute, value);
    case ObjectType::kHashFieldExpiry: return read_expiring(input, Instants::kFromFirst, value);
    case ObjectType::kHashFieldExpiryListpackPreGa:
      return read_packed_expiring(input, Instants::kAbsolute, value);
    case ObjectType::kHashFieldExpiryListpack:
      return read_packed_expiring(input, Instants::kFromFirst, value);
  }
  input.fail("a value of an unknown kind");
}

Type type_of(ObjectType type) {
  switch (type) {
    case ObjectType::kList:
    case ObjectType::kListZiplist:
    case ObjectType::kListQuicklist:
    case ObjectType::kListQuicklist2: return Type::kList;
    case ObjectType::kSet:
    case ObjectType::kSetIntset:
    case ObjectType::kSetListpack: return Type::kSet;
    case ObjectType::kSortedSetText:
    case ObjectType::kSortedSet:
    case ObjectType::kSortedSetZiplist:
    case ObjectType::kSortedSetListpack: return Type::kSortedSet;
    case ObjectType::kHash:
    case ObjectType::kHashZipmap:
    case ObjectType::kHashZiplist:
    case ObjectType::kHashListpack:
    case ObjectType::kHashFieldExpiryPreGa:
    case ObjectType::kHashFieldExpiryListpackPreGa:
    case ObjectType::kHashFieldExpiry:
    case ObjectType::kHashFieldExpiryListpack: return Type::kHash;
    case ObjectType::kStream1:
    case ObjectType::kStream2:
    case ObjectType::kStream3: return Type::kStream;
    case ObjectType::kString:
    case ObjectType::kModulePreGa:
    case ObjectType::kModule: return Type::kString;
  }
  return Type::kString;
}

}  // namespace

RdbValue read_value(RdbInput& input, std::uint8_t object_type) {
  const auto type = static_cast<ObjectType>(object_type);
  RdbValue value;
  value.type = type_of(type);
  read_body(input, type, value);
  if (!input.ok()) return value;
  switch (value.type) {
    case Type::kSet:
    case Type::kSortedSet: check_distinct(input, value.items, 1); break;
    case Type::kHash:
      if (value.items.size() % 2 != 0) input.fail("a field without a value");
      check_distinct(input, value.items, 2);
      break;
    case Type::kString:
    case Type::kList:
    case Type::kStream: break;
  }
  return value;
}

void store_value(keyspace::Engine& keyspace, unsigned db, std::string_view key,
                 const RdbValue& value) {
  const RdbStrings& items = value.items;
  switch (value.type) {
    case Type::kString: return keyspace.set_string(db, key, value.text);
    case Type::kList: {
      auto edit = keyspace.edit_list(db, key);
      for (std::size_t i = 0; i < items.size(); ++i) edit.push(keyspace::End::kBack, items[i]);
      return;
    }
    case Type::kSet: {
      auto edit = keyspace.edit_set(db, key);
      for (std::size_t i = 0; i < items.size(); ++i) edit.add(items[i]);
      return;
    }
    case Type::kSortedSet: {
      auto edit = keyspace.edit_sorted_set(db, key);
      for (std::size_t i = 0; i < items.size(); ++i) edit.set(items[i], value.scores[i]);
      return;
    }
    case Type::kHash: {
      auto edit = keyspace.edit_hash(db, key);
      const auto& expiries_ms = value.expiries_ms;
      for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
        edit.set(items[i], items[i + 1],
                 expiries_ms.empty() ? keyspace::kNoExpiry : expiries_ms[i / 2]);
      }
      return;
    }
    case Type::kStream: return store_stream(keyspace, db, key, value.stream);
  }
}

}  // namespace bodega::redis
