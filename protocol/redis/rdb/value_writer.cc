#include "protocol/redis/rdb/value_writer.h"

#include <algorithm>
#include <vector>

#include "engines/base/check.h"
#include "engines/base/number_text.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "protocol/redis/rdb/object_type.h"
#include "protocol/redis/rdb/packed_forms.h"
#include "protocol/redis/rdb/stream_form.h"
#include "protocol/redis/wire/reply.h"

namespace bodega::redis {
namespace {

using keyspace::Encoding;
using keyspace::Entry;
using keyspace::Order;
using keyspace::Type;

// A node of a list, when list-max-listpack-size counts elements, has no more bytes than this.
constexpr std::size_t kMaxCountedNodeBytes = 8192;

struct NodeLimit {
  std::size_t elements;
  std::size_t bytes;
};

NodeLimit limit_of(std::int64_t list_max_listpack_size) {
  constexpr std::int64_t kLargest = -5;
  if (list_max_listpack_size > 0) {
    return {static_cast<std::size_t>(list_max_listpack_size), kMaxCountedNodeBytes};
  }
  const std::int64_t step = std::clamp<std::int64_t>(list_max_listpack_size, kLargest, -1);
  return {SIZE_MAX, std::size_t{4096} << (-step - 1)};
}

ObjectType kind_of(const Entry& entry, const RdbForm& form) {
  const Encoding encoding = entry.encoding();
  switch (entry.type()) {
    case Type::kString: return ObjectType::kString;
    case Type::kList: return ObjectType::kListQuicklist2;
    case Type::kSet:
      if (encoding == Encoding::kIntset) return ObjectType::kSetIntset;
      return encoding == Encoding::kListpack && form.version >= kRdbVersion72
                 ? ObjectType::kSetListpack
                 : ObjectType::kSet;
    case Type::kSortedSet:
      return encoding == Encoding::kListpack ? ObjectType::kSortedSetListpack
                                             : ObjectType::kSortedSet;
    case Type::kHash:
      if (entry.hash().next_expiry_ms() == keyspace::kNoExpiry) {
        return encoding == Encoding::kHashtable ? ObjectType::kHash : ObjectType::kHashListpack;
      }
      return encoding == Encoding::kHashtable ? ObjectType::kHashFieldExpiry
                                              : ObjectType::kHashFieldExpiryListpack;
    case Type::kStream:
      return form.version >= kRdbVersion72 ? ObjectType::kStream3 : ObjectType::kStream2;
  }
  BODEGA_CHECK(false);
}

void put_list(std::string& out, const keyspace::List& list, const RdbForm& form) {
  const NodeLimit limit = limit_of(form.list_max_listpack_size);
  std::string nodes;
  std::uint64_t count = 0;
  ListpackWriter packed;
  const auto put_node = [&](std::uint64_t kind, std::string_view bytes) {
    put_length(nodes, kind);
    put_text(nodes, bytes, form.compression);
    ++count;
  };
  const auto close = [&] {
    if (packed.count() > 0) put_node(kPackedNode, packed.finish());
  };
  list.for_range(0, list.size(), Order::kForward, [&](std::string_view element) {
    if (packed.count() == limit.elements || packed.size_bytes() + element.size() > limit.bytes) {
      close();
    }
    if (element.size() > limit.bytes) {
      put_node(kPlainNode, element);
    } else {
      packed.add(element);
    }
    return true;
  });
  close();
  put_length(out, count);
  out += nodes;
}

void put_set(std::string& out, const keyspace::Set& set, ObjectType kind, const RdbForm& form) {
  if (kind == ObjectType::kSetIntset) {
    IntsetWriter intset;
    set.for_each([&](std::string_view member) {
      intset.add(base::canonical_integer(member).value_or(0));
      return true;
    });
    return put_text(out, intset.finish(), form.compression);
  }
  if (kind == ObjectType::kSetListpack) {
    ListpackWriter packed;
    set.for_each([&](std::string_view member) {
      packed.add(member);
      return true;
    });
    return put_text(out, packed.finish(), form.compression);
  }
  put_length(out, set.size());
  set.for_each([&](std::string_view member) {
    put_text(out, member, form.compression);
    return true;
  });
}

// A skip list goes from the highest score down, so that a reader may put each in front.
void put_sorted_set(std::string& out, const keyspace::SortedSet& set, ObjectType kind,
                    const RdbForm& form) {
  if (kind == ObjectType::kSortedSetListpack) {
    ListpackWriter packed;
    set.for_range(0, set.size(), Order::kForward, [&](std::string_view member, double score) {
      packed.add(member);
      packed.add(format_double(score));
      return true;
    });
    return put_text(out, packed.finish(), form.compression);
  }
  put_length(out, set.size());
  set.for_range(set.size() - 1, set.size(), Order::kBackward,
                [&](std::string_view member, double score) {
                  put_text(out, member, form.compression);
                  put_double(out, score);
                  return true;
                });
}

void put_hash(std::string& out, const keyspace::Hash& hash, ObjectType kind, const RdbForm& form) {
  if (kind == ObjectType::kHashListpack) {
    ListpackWriter packed;
    hash.for_each([&](std::string_view field, std::string_view value) {
      packed.add(field);
      packed.add(value);
    });
    return put_text(out, packed.finish(), form.compression);
  }
  put_length(out, hash.size());
  hash.for_each([&](std::string_view field, std::string_view value) {
    put_text(out, field, form.compression);
    put_text(out, value, form.compression);
  });
}

struct TimedField {
  std::string_view field;
  std::string_view value;
  std::uint64_t when_ms;  // 0: it does not expire
};

// The first instant, then the fields with theirs. In a table they are counted from one less than
// the first; in a listpack they stand as they are, in their order, and fields without one at last.
void put_expiring_hash(std::string& out, const keyspace::Hash& hash, ObjectType kind,
                       const RdbForm& form) {
  const auto first_ms = static_cast<std::uint64_t>(hash.next_expiry_ms());
  std::vector<TimedField> fields;
  hash.for_each([&](std::string_view field, std::string_view value) {
    const std::int64_t when_ms = hash.expiry_ms(field);
    const bool never = when_ms == keyspace::kNoExpiry;
    fields.push_back({field, value, never ? 0 : static_cast<std::uint64_t>(when_ms)});
  });
  put_little_endian(out, first_ms, 8);
  if (kind == ObjectType::kHashFieldExpiry) {
    put_length(out, fields.size());
    for (const TimedField& one : fields) {
      put_length(out, one.when_ms == 0 ? 0 : one.when_ms - first_ms + 1);
      put_text(out, one.field, form.compression);
      put_text(out, one.value, form.compression);
    }
    return;
  }
  std::stable_sort(fields.begin(), fields.end(), [](const TimedField& a, const TimedField& b) {
    return a.when_ms - 1 < b.when_ms - 1;  // 0 wraps around to the end
  });
  ListpackWriter packed;
  for (const TimedField& one : fields) {
    packed.add(one.field);
    packed.add(one.value);
    packed.add(std::to_string(one.when_ms));
  }
  put_text(out, packed.finish(), form.compression);
}

}  // namespace

std::uint8_t object_type_of(const Entry& entry, const RdbForm& form) {
  return static_cast<std::uint8_t>(kind_of(entry, form));
}

void put_value(std::string& out, const Entry& entry, const RdbForm& form) {
  const ObjectType kind = kind_of(entry, form);
  switch (entry.type()) {
    case Type::kString: {
      keyspace::TextBuffer buffer;
      return put_text(out, entry.text(buffer), form.compression);
    }
    case Type::kList: return put_list(out, entry.list(), form);
    case Type::kSet: return put_set(out, entry.set(), kind, form);
    case Type::kSortedSet: return put_sorted_set(out, entry.sorted_set(), kind, form);
    case Type::kHash:
      if (entry.hash().next_expiry_ms() != keyspace::kNoExpiry) {
        return put_expiring_hash(out, entry.hash(), kind, form);
      }
      return put_hash(out, entry.hash(), kind, form);
    case Type::kStream: return put_stream(out, entry.stream(), kind, form.compression);
  }
}

}  // namespace bodega::redis
