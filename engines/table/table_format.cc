#include "engines/table/table_format.h"

#include "engines/base/bytes.h"
#include "engines/base/fault.h"

namespace bodega::table {
namespace {

constexpr std::uint8_t kVersion = 1;

// One function for each type names its fields once: `Writer` and `Reader` have the same face, and
// walk through them in the same order.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void field(const std::string& value) { base::put_string(out_, value); }
  void field(bool value) { base::put_u8(out_, value ? 1 : 0); }
  void field(std::uint32_t value) { base::put_u32(out_, value); }
  void field(std::uint64_t value) { base::put_u64(out_, value); }
  void field(std::int64_t value) { base::put_u64(out_, static_cast<std::uint64_t>(value)); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void field(Enum value) { base::put_u8(out_, static_cast<std::uint8_t>(value)); }
  template <class Element>
  void list(const std::vector<Element>& elements) {
    base::put_varint(out_, elements.size());
    for (const Element& element : elements) fields(*this, element);
  }
  void map(const std::map<std::string, std::string>& entries) {
    base::put_varint(out_, entries.size());
    for (const auto& [key, value] : entries) {
      field(key);
      field(value);
    }
  }

 private:
  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : in_(bytes) {}

  void field(std::string& value) { value = in_.string(); }
  void field(bool& value) { value = in_.u8() != 0; }
  void field(std::uint32_t& value) { value = in_.u32(); }
  void field(std::uint64_t& value) { value = in_.u64(); }
  void field(std::int64_t& value) { value = static_cast<std::int64_t>(in_.u64()); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void field(Enum& value) { value = static_cast<Enum>(in_.u8()); }
  template <class Element>
  void list(std::vector<Element>& elements) {
    for (std::uint64_t count = in_.varint(); count > 0 && in_.ok(); --count) {
      fields(*this, elements.emplace_back());
    }
  }
  void map(std::map<std::string, std::string>& entries) {
    for (std::uint64_t count = in_.varint(); count > 0 && in_.ok(); --count) {
      std::string key(in_.string());
      field(entries[std::move(key)]);
    }
  }
  void finish() const {
    if (!in_.ok()) throw base::StorageFault("a stored table record cannot be understood");
  }

 private:
  base::ByteReader in_;
};

// Each `Model` below is the type named behind it, const when it is written.
template <class Walk>
void fields(Walk& walk, std::string& value) {
  walk.field(value);
}
template <class Walk>
void fields(Walk& walk, const std::string& value) {
  walk.field(value);
}

template <class Walk, class Model>
void fields(Walk& walk, Model& model);

template <class Walk, class Model>
void name_fields(Walk& walk, Model& name) {
  walk.field(name.account);
  walk.field(name.region);
  walk.field(name.name);
}

template <class Walk, class Model>
void keys_fields(Walk& walk, Model& keys) {
  walk.list(keys.hash);
  walk.list(keys.range);
}

template <class Walk, class Model>
void throughput_fields(Walk& walk, Model& throughput) {
  walk.field(throughput.read_units);
  walk.field(throughput.write_units);
  walk.field(throughput.last_increase_us);
  walk.field(throughput.last_decrease_us);
  walk.field(throughput.decreases_today);
}

template <class Walk, class Model>
void limits_fields(Walk& walk, Model& limits) {
  walk.field(limits.read_units);
  walk.field(limits.write_units);
}

template <class Walk, class Model>
void index_fields(Walk& walk, Model& index) {
  walk.field(index.id);
  walk.field(index.kind);
  walk.field(index.name);
  keys_fields(walk, index.keys);
  walk.field(index.projection.type);
  walk.list(index.projection.non_key_attributes);
  throughput_fields(walk, index.throughput);
  limits_fields(walk, index.on_demand);
  limits_fields(walk, index.warm);
  walk.field(index.status);
}

template <class Walk, class Model>
void settings_fields(Walk& walk, Model& settings) {
  walk.list(settings.attribute_definitions);
  walk.field(settings.billing_mode);
  walk.field(settings.pay_per_request_since_us);
  throughput_fields(walk, settings.throughput);
  limits_fields(walk, settings.on_demand);
  limits_fields(walk, settings.warm);
  walk.field(settings.table_class);
  walk.field(settings.table_class_changed_us);
  walk.field(settings.deletion_protection);
  walk.field(settings.stream.enabled);
  walk.field(settings.stream.view_type);
  walk.field(settings.stream.label);
  walk.field(settings.encryption.enabled);
  walk.field(settings.encryption.key);
  walk.field(settings.time_to_live.enabled);
  walk.field(settings.time_to_live.attribute);
  walk.field(settings.time_to_live.changed_us);
  walk.map(settings.tags);
  walk.map(settings.extras);
}

template <class Walk, class Model>
void table_fields(Walk& walk, Model& table) {
  name_fields(walk, table.name);
  walk.field(table.id);
  walk.field(table.uuid);
  walk.field(table.created_us);
  walk.field(table.status);
  keys_fields(walk, table.keys);
  walk.list(table.indexes);
  walk.field(table.next_index_id);
  settings_fields(walk, table.settings);
}

// The elements of lists.
template <class Walk, class Model>
void fields(Walk& walk, Model& model) {
  if constexpr (std::is_same_v<std::remove_const_t<Model>, KeyAttribute>) {
    walk.field(model.name);
    walk.field(model.type);
  } else {
    static_assert(std::is_same_v<std::remove_const_t<Model>, Index>);
    index_fields(walk, model);
  }
}

void put_counts(std::string& out, const Counts& counts) {
  base::put_u64(out, static_cast<std::uint64_t>(counts.items));
  base::put_u64(out, static_cast<std::uint64_t>(counts.size_bytes));
}

Counts take_counts(base::ByteReader& in) {
  Counts counts;
  counts.items = static_cast<std::int64_t>(in.u64());
  counts.size_bytes = static_cast<std::int64_t>(in.u64());
  return counts;
}

}  // namespace

std::string table_record_key(const TableName& name) {
  std::string key(kTablePrefix);
  base::put_ordered(key, name.account);
  base::put_ordered(key, name.region);
  key.append(name.name);
  return key;
}

std::string encode_table(const Table& table) {
  std::string out;
  base::put_u8(out, kVersion);
  Writer writer(out);
  table_fields(writer, table);
  return out;
}

Table decode_table(std::string_view bytes) {
  if (bytes.empty() || static_cast<std::uint8_t>(bytes[0]) != kVersion) {
    throw base::StorageFault("a stored table record is of an unknown version");
  }
  Table table;
  Reader reader(bytes.substr(1));
  table_fields(reader, table);
  reader.finish();
  return table;
}

std::string counters_key(std::uint64_t table_id) {
  std::string key(kCountersPrefix);
  base::put_u64(key, table_id);
  return key;
}

std::string encode_counters(const SavedCounters& counters) {
  std::string out;
  put_counts(out, counters.table);
  base::put_varint(out, counters.indexes.size());
  for (const auto& [id, counts] : counters.indexes) {
    base::put_u32(out, id);
    put_counts(out, counts);
  }
  return out;
}

SavedCounters decode_counters(std::string_view bytes) {
  base::ByteReader in(bytes);
  SavedCounters counters;
  counters.table = take_counts(in);
  for (std::uint64_t count = in.varint(); count > 0 && in.ok(); --count) {
    const std::uint32_t id = in.u32();
    counters.indexes.emplace_back(id, take_counts(in));
  }
  if (!in.ok()) throw base::StorageFault("stored table counters cannot be understood");
  return counters;
}

}  // namespace bodega::table
