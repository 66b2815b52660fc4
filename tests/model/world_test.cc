// The same random operations on a world in a folder, which is closed and opened again every so
// often, and on a world in memory, which never is: what the engines show of both must stay the
// same. Their own model tests hold each engine against the truth; this one holds the stores against
// each other underneath all of them, and every format against its reader.
#include "engines/world/world.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/random.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;

namespace {

constexpr int kOperations = 600;
constexpr int kBetweenStarts = 60;
constexpr const char* kBucket = "bucket";

// What an engine shows, as lines that can be compared.
using Lines = std::vector<std::string>;

// --- Objects ---

std::string content_of(const object::Content& content) {
  if (content.is_inline()) return std::string(content.inline_bytes());
  std::string bytes;
  for (const auto& run : content.runs(0, content.size_bytes())) {
    std::string part(run.length_bytes, '\0');
    REQUIRE(run.reader->read(run.offset, part) == part.size());
    bytes += part;
  }
  return bytes;
}

std::string fingerprint(std::string_view bytes) {
  return std::to_string(bytes.size()) + ":" +
         base::to_hex(base::digest(base::DigestKind::kCrc64Nvme, bytes));
}

Lines show_objects(object::Engine& engine) {
  Lines lines;
  object::VersionQuery query;
  query.bucket = kBucket;
  for (;;) {
    query.max = 7;  // pages, too
    const auto page = engine.list_versions(query);
    REQUIRE(page.has_value());
    for (const object::ListedVersion& listed : page->versions) {
      std::string line = listed.object.key + (listed.is_latest ? " latest" : "") +
                         (listed.is_delete_marker ? " marker" : "");
      if (!listed.is_delete_marker) {
        const auto opened = engine.open(kBucket, listed.object.key, listed.version_id);
        REQUIRE(opened.has_value());
        line += " " + listed.object.etag + " " + fingerprint(content_of(opened->content));
        for (const auto& [name, value] : opened->version.attributes.metadata) {
          line += " " + name + "=" + value;
        }
      }
      lines.push_back(std::move(line));
    }
    if (!page->truncated) return lines;
    query.key_marker = page->next_key_marker;
    query.version_id_marker = page->next_version_id_marker;
  }
}

// --- Tables ---

table::Table make_table() {
  table::Table made;
  made.name = {"000000000000", "us-east-1", "model"};
  made.keys.hash = {{"p", table::Type::kString}};
  made.keys.range = {{"r", table::Type::kNumber}};
  table::Index index;
  index.name = "by-group";
  index.keys.hash = {{"group", table::Type::kString}};
  made.indexes.push_back(index);
  return made;
}

table::OpenTable open_table(table::Engine& engine) {
  auto opened = engine.open_table("000000000000", "us-east-1", "model");
  REQUIRE(opened.has_value());
  return *opened;
}

Lines show_tables(table::Engine& engine) {
  Lines lines;
  const table::OpenTable model = open_table(engine);
  for (const char* index : {"", "by-group"}) {
    table::ScanRequest request;
    request.index_name = index;
    const auto end = engine.scan(model, request, [&](const table::Row& row) {
      lines.push_back(std::string(index) + " " + base::to_hex(row.entry.encoded()));
      return true;
    });
    REQUIRE(end.has_value());
  }
  const auto described = engine.describe_table(model);
  REQUIRE(described.has_value());
  lines.push_back(std::to_string(described->counts.items) + " items, " +
                  std::to_string(described->counts.size_bytes) + " bytes");
  return lines;
}

// --- Keyspace ---

std::string show_value(const keyspace::Entry& entry) {
  std::map<std::string, std::string> sorted;
  std::string text;
  switch (entry.type()) {
    case keyspace::Type::kString: return entry.str();
    case keyspace::Type::kList:
      entry.list().for_range(0, entry.list().size(), keyspace::Order::kForward,
                             [&](std::string_view value) {
                               text.append(value).append(",");
                               return true;
                             });
      return text;
    case keyspace::Type::kHash:
      entry.hash().for_each([&](std::string_view field, std::string_view value) {
        sorted[std::string(field)] = value;
      });
      break;
    case keyspace::Type::kSet:
      entry.set().for_each([&](std::string_view member) {
        sorted[std::string(member)];
        return true;
      });
      break;
    case keyspace::Type::kSortedSet:
    case keyspace::Type::kStream: FAIL("not used here");
  }
  for (const auto& [field, value] : sorted) text += field + "=" + value + ",";
  return text;
}

Lines show_keyspace(keyspace::Engine& engine) {
  Lines lines;
  for (unsigned db = 0; db < 2; ++db) {
    engine.for_each(db, [&](const keyspace::Entry& entry) {
      lines.push_back(std::to_string(db) + " " + std::string(entry.key()) + " " +
                      std::string(name_of(entry.type())) + " " +
                      std::to_string(engine.expiry_of(db, entry)) + " " + show_value(entry));
    });
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// One random operation, chosen once and then done to each world.
using Operation = std::function<void(world::World&)>;

std::string word(std::uint64_t kinds) { return "w" + std::to_string(base::random_below(kinds)); }

std::string random_bytes() {
  constexpr std::array<std::uint64_t, 5> kMost = {1, 100, 5000, 66'000, 200'000};
  const std::size_t length = base::random_below(kMost[base::random_below(kMost.size())]);
  std::string bytes(length, '\0');
  const std::uint64_t seed = base::random_u64();
  for (std::size_t i = 0; i < length; ++i) {
    bytes[i] = static_cast<char>((seed + i) * 2654435761u >> 9);
  }
  return bytes;
}

Operation object_operation() {
  const std::string key = word(8);
  switch (base::random_below(5)) {
    case 0:
      return [key](world::World& world) {
        REQUIRE(world.objects().remove({kBucket, key, {}, "owner", {}, {}}).has_value());
      };
    case 1: {
      const std::string target = word(8);
      return [key, target](world::World& world) {
        object::Engine& engine = world.objects();
        const auto source = engine.open(kBucket, key);
        if (!source) return;
        object::Put put{kBucket, target, source->version.attributes, {}};
        REQUIRE(engine.put(put, engine.duplicate(source->content)).has_value());
      };
    }
    case 2: {
      const bool enabled = base::random_below(3) != 0;
      return [enabled](world::World& world) {
        REQUIRE(world.objects()
                    .set_versioning(kBucket, enabled ? object::Versioning::kEnabled
                                                     : object::Versioning::kSuspended)
                    .has_value());
      };
    }
    default: {
      const std::string bytes = random_bytes();
      return [key, bytes](world::World& world) {
        object::Engine& engine = world.objects();
        auto writer = engine.begin_write();
        writer.write(bytes);
        object::Put put{kBucket, key, {}, {}};
        put.attributes.etag = base::to_hex(base::md5(bytes));
        put.attributes.metadata["length"] = std::to_string(bytes.size());
        REQUIRE(engine.put(put, writer.finish()).has_value());
      };
    }
  }
}

Operation table_operation() {
  std::vector<table::Attribute> attributes;
  attributes.push_back({"p", table::Value::of_string(word(4))});
  attributes.push_back({"r", table::Value::of_number(table::Number::from_int(
                                 static_cast<int>(base::random_below(10)) - 5))});
  const bool removes = base::random_below(4) == 0;
  if (base::random_below(3) != 0) {
    attributes.push_back({"group", table::Value::of_string(word(3))});
  }
  const std::string text(base::random_below(900), 't');
  attributes.push_back({"text", table::Value::of_string(text)});
  const table::Item item = table::Item::from_unsorted(std::move(attributes));
  return [item, removes](world::World& world) {
    const table::OpenTable model = open_table(world.tables());
    const auto done =
        world.tables().modify(model, table::item_key(*model, item), [&](const table::Previous&) {
          return removes ? table::Decision::remove() : table::Decision::put(item);
        });
    REQUIRE(done.has_value());
  };
}

Operation keyspace_operation() {
  const auto db = static_cast<unsigned>(base::random_below(2));
  const std::string value = word(50) + std::string(base::random_below(3) * 40, 'v');
  const std::string field = word(30);
  const std::string number = std::to_string(base::random_below(4));
  const bool removes = base::random_below(3) == 0;
  switch (base::random_below(9)) {
    case 0:
      return [=](world::World& world) { world.keyspace().append(db, "string" + number, value); };
    case 1:
      return [=](world::World& world) {
        auto edit = world.keyspace().edit_hash(db, "hash" + number);
        removes ? edit.remove(field) : edit.set(field, value);
      };
    case 2:
      return [=](world::World& world) {
        auto edit = world.keyspace().edit_set(db, "set" + number);
        removes ? edit.remove(field) : edit.add(field);
      };
    case 3:
      return [=](world::World& world) {
        auto edit = world.keyspace().edit_list(db, "list" + number);
        edit.push(removes ? keyspace::End::kFront : keyspace::End::kBack, value);
      };
    case 4:
      return [=](world::World& world) {
        auto edit = world.keyspace().edit_list(db, "list" + number);
        if (edit->size() > 0) edit.erase(edit->size() / 2);
      };
    case 5:
      return [=](world::World& world) {
        world.keyspace().remove(db, (removes ? "hash" : "list") + number);
      };
    case 6:
      return [=](world::World& world) {
        world.keyspace().set_expiry(db, "hash" + number, world.keyspace().now_ms() + 100'000);
      };
    case 7:
      return [=](world::World& world) {
        world.keyspace().rename(db, "set" + number, "set" + field.substr(1, 1));
      };
    default:
      return [=](world::World& world) {
        world.keyspace().set_string(db, "string" + number, random_bytes());
      };
  }
}

void check_same(world::World& on_disk, world::World& in_memory) {
  REQUIRE(show_objects(on_disk.objects()) == show_objects(in_memory.objects()));
  REQUIRE(show_tables(on_disk.tables()) == show_tables(in_memory.tables()));
  REQUIRE(show_keyspace(on_disk.keyspace()) == show_keyspace(in_memory.keyspace()));
}

}  // namespace

TEST_CASE("World: in a folder with restarts it shows what one in memory shows") {
  const std::uint64_t seed = GENERATE(1, 2, 3);
  CAPTURE(seed);
  const tests::ScratchFolder scratch;
  base::ManualClock clock;
  const world::WorldOptions options{scratch / "world", base::Durability::kProcess, false};
  auto on_disk = world::World::open(options, clock);
  const auto in_memory = world::World::in_memory(clock);
  for (world::World* world : {on_disk.get(), in_memory.get()}) {
    object::Bucket bucket;
    bucket.name = kBucket;
    REQUIRE(world->objects().create_bucket(bucket).has_value());
    REQUIRE(world->tables().create_table(make_table()).has_value());
  }
  base::seed_random_for_test(seed);
  for (int i = 1; i <= kOperations; ++i) {
    Operation operation;
    switch (base::random_below(3)) {
      case 0: operation = object_operation(); break;
      case 1: operation = table_operation(); break;
      default: operation = keyspace_operation();
    }
    clock.advance_ms(static_cast<std::int64_t>(base::random_below(2000)));
    const std::uint64_t inside = base::random_u64();
    for (world::World* world : {on_disk.get(), in_memory.get()}) {
      base::seed_random_for_test(inside);  // what the operation or the engine draws is the same
      world->keyspace().refresh_now();
      world->keyspace().expire_some(1000);
      operation(*world);
      world->keyspace().commit_tick();
    }
    if (i % kBetweenStarts != 0) continue;
    check_same(*on_disk, *in_memory);
    on_disk.reset();
    on_disk = world::World::open(options, clock);
    CHECK(on_disk->swept_blobs() == 0);
    on_disk->keyspace().refresh_now();
    check_same(*on_disk, *in_memory);
  }
}
