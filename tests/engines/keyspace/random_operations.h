// Random operations on an engine, and everything in it as text, so that two engines can be
// compared.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engines/base/random.h"
#include "engines/keyspace/engine.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"
#include "engines/keyspace/structures/stream.h"

namespace bodega::keyspace::test {

using base::random_below;

inline std::string text_of(StreamId id) {
  return std::to_string(id.ms) + "-" + std::to_string(id.seq);
}

inline std::string text_of(const Stream& stream) {
  const StreamCounters& counters = stream.counters();
  std::string text = " last " + text_of(counters.last_id) + " deleted " +
                     text_of(counters.max_deleted_id) + " added " +
                     std::to_string(counters.entries_added);
  stream.for_range({}, kLastStreamId, Order::kForward, [&](const StreamEntry& entry) {
    text += " " + text_of(entry.id());
    entry.for_each([&](std::string_view field, std::string_view value) {
      text += "," + std::string(field) + "=" + std::string(value);
    });
    return true;
  });
  for (const auto& [name, group] : stream.groups()) {
    text += " group " + name + " at " + text_of(group.last_id) + " read " +
            std::to_string(group.entries_read);
    for (const auto& [consumer_name, consumer] : group.consumers) {
      text += " consumer " + consumer_name + " pending " + std::to_string(consumer.pending.size());
    }
    for (const auto& [id, pending] : group.pending) {
      text += " " + text_of(id) + " of " + std::string(pending.consumer->name) + " at " +
              std::to_string(pending.delivered_ms) + " x" + std::to_string(pending.deliveries);
    }
  }
  return text;
}

// Everything in an engine, as text that two engines can be compared by.
inline std::map<std::string, std::string> picture(Engine& engine) {
  std::map<std::string, std::string> out;
  for (unsigned db = 0; db < engine.database_count(); ++db) {
    engine.for_each(db, [&](const Entry& entry) {
      std::string text(name_of(entry.type()));
      text += " expires " + std::to_string(engine.expiry_of(db, entry)) + ":";
      switch (entry.type()) {
        case Type::kString: text += entry.str(); break;
        case Type::kList:
          entry.list().for_range(0, entry.list().size(), Order::kForward, [&](std::string_view v) {
            text += " " + std::string(v);
            return true;
          });
          break;
        case Type::kSet: {
          std::map<std::string, int> sorted;
          entry.set().for_each([&](std::string_view m) { return ++sorted[std::string(m)] == 1; });
          for (const auto& item : sorted) text += " " + item.first;
          break;
        }
        case Type::kSortedSet:
          entry.sorted_set().for_range(0, entry.length(), Order::kForward,
                                       [&](std::string_view m, double s) {
                                         text += " " + std::string(m) + "=" + std::to_string(s);
                                         return true;
                                       });
          break;
        case Type::kHash: {
          std::map<std::string, std::string> sorted;
          entry.hash().for_each_stored(
              [&](std::string_view f, std::string_view v, std::int64_t when) {
                const bool expires = when != kNoExpiry;
                sorted.emplace(f, std::string(v) + (expires ? "<" + std::to_string(when) : ""));
              });
          for (const auto& item : sorted) text += " " + item.first + "=" + item.second;
          break;
        }
        case Type::kStream: text += text_of(entry.stream()); break;
      }
      out[std::to_string(db) + "/" + std::string(entry.key())] = text;
    });
  }
  return out;
}

inline std::string key_for(const char* kind) { return kind + std::to_string(random_below(6)); }

inline std::string random_run(std::size_t most) {
  return std::string(random_below(most), static_cast<char>('a' + random_below(26)));
}

inline void random_string_operation(Engine& engine, unsigned db) {
  const std::string key = key_for("str");
  if (const Entry* entry = engine.find(db, key); entry != nullptr && !entry->is(Type::kString)) {
    engine.remove(db, key);
  }
  switch (random_below(5)) {
    case 0: engine.set_string(db, key, std::to_string(random_below(1000))); break;
    case 3: engine.set_text(db, key, std::to_string(random_below(1000))); break;
    case 1: engine.set_string(db, key, random_run(60'000)); break;
    case 2:
      if (!engine.exists(db, key) || engine.find(db, key)->length() < 100'000) {
        engine.append(db, key, random_run(9000));
      }
      break;
    default: {
      auto bytes = engine.edit_string(db, key, random_below(50'000), 1 + random_below(20));
      for (char& byte : bytes) byte = static_cast<char>('A' + random_below(26));
    }
  }
}

inline void random_group_operation(StreamEdit& edit, StreamId id, std::int64_t now_ms) {
  const std::string name = "g" + std::to_string(random_below(2));
  StreamGroup* group = edit.group(name);
  if (group == nullptr) {
    edit.create_group(name, id, random_below(2) == 0 ? kUnknownEntriesRead : 3);
    edit.touch();
    return;
  }
  const std::string consumer_name = "c" + std::to_string(random_below(3));
  StreamConsumer* consumer = edit.consumer(*group, consumer_name);
  if (consumer == nullptr) {
    consumer = &edit.create_consumer(*group, consumer_name, now_ms);
  }
  switch (random_below(12)) {
    case 0: edit.destroy_group(name); break;
    case 1: edit.remove_consumer(*group, *consumer); break;
    case 2: edit.set_group(*group, id, 7); break;
    case 3:
    case 4: edit.remove_pending(*group, id); break;
    case 5: edit.set_active(*group, *consumer, now_ms); break;
    default: edit.put_pending(*group, id, {consumer, now_ms, 1 + random_below(3)});
  }
}

inline void random_stream_operation(Engine& engine, unsigned db, const std::string& value) {
  const std::string key = key_for("stream");
  if (const Entry* entry = engine.find(db, key); entry != nullptr && !entry->is(Type::kStream)) {
    engine.remove(db, key);
  }
  auto edit = engine.edit_stream(db, key);
  const StreamId last = edit->last_id();
  const StreamId some{random_below(last.ms + 1), 0};
  switch (random_below(10)) {
    case 0: edit.remove(std::vector<StreamId>{some, last}); break;
    case 1: {
      StreamTrim trim;
      trim.max_length = random_below(30);
      if (random_below(2) == 0) trim.exactness = StreamTrim::Exactness::kWholeNodes;
      edit.trim(trim);
      break;
    }
    case 2: {
      StreamCounters counters = edit->counters();
      counters.last_id.ms += random_below(3);
      edit.set_counters(counters);
      break;
    }
    case 3:
    case 4:
    case 5: random_group_operation(edit, some, engine.now_ms()); break;
    default:
      for (std::uint64_t i = random_below(20); i > 0; --i) {
        const std::string_view fields[] = {"field", value};
        edit.append({edit->last_id().ms + 1, 0}, fields);
      }
  }
}

inline void random_operation(Engine& engine) {
  const auto db = static_cast<unsigned>(random_below(3));
  const std::string field = "f" + std::to_string(random_below(40));
  const std::string value = "v" + std::to_string(random_below(1000));
  // Operations of one kind work on keys of their own, which renames may mix.
  const auto usable = [&](const std::string& key, Type type) {
    const Entry* entry = engine.find(db, key);
    return entry == nullptr || entry->is(type);
  };
  switch (random_below(14)) {
    case 0:
    case 1: random_string_operation(engine, db); break;
    case 2:
    case 3: {
      const std::string key = key_for("hash");
      if (!usable(key, Type::kHash)) break;
      auto edit = engine.edit_hash(db, key);
      if (random_below(3) == 0) {
        edit.remove(field);
      } else {
        edit.set(field, value);
      }
      if (edit->get(field) && random_below(3) == 0) {
        const auto wait_ms = static_cast<std::int64_t>(1 + random_below(200));
        edit.set_expiry(field, random_below(4) == 0 ? kNoExpiry : engine.now_ms() + wait_ms);
      }
      break;
    }
    case 4: {
      const std::string key = key_for("set");
      if (!usable(key, Type::kSet)) break;
      auto edit = engine.edit_set(db, key);
      if (random_below(3) == 0) {
        edit.remove(field);
      } else {
        edit.add(random_below(2) == 0 ? field : std::to_string(random_below(50)));
      }
      break;
    }
    case 5: {
      const std::string key = key_for("zset");
      if (!usable(key, Type::kSortedSet)) break;
      auto edit = engine.edit_sorted_set(db, key);
      if (random_below(4) == 0) {
        edit.remove(field);
      } else if (random_below(10) == 0 && edit->size() > 0) {
        const std::size_t first = random_below(edit->size());
        edit.erase_ranks(first, 1 + random_below(edit->size() - first));
      } else {
        edit.set(field, static_cast<double>(random_below(20)));
      }
      break;
    }
    case 6:
    case 7: {
      const std::string key = key_for("list");
      if (!usable(key, Type::kList)) break;
      auto edit = engine.edit_list(db, key);
      for (std::uint64_t i = random_below(5); i > 0; --i) {
        edit.push(random_below(2) == 0 ? End::kFront : End::kBack, value);
      }
      for (std::uint64_t i = random_below(30); i > 0; --i) {
        edit.insert(std::min<std::size_t>(edit->size(), 2), value);
      }
      if (edit->size() > 0 && random_below(2) == 0) edit.set(random_below(edit->size()), field);
      if (edit->size() > 0 && random_below(3) == 0) edit.pop(End::kFront);
      if (random_below(4) == 0) edit.remove_equal(value, Order::kBackward, random_below(3));
      if (edit->size() > 0 && random_below(5) == 0) {
        const std::size_t first = random_below(edit->size());
        edit.erase(first, 1 + random_below(edit->size() - first));
      }
      break;
    }
    case 8: {
      const Entry* entry = engine.random(db);
      if (entry == nullptr) break;
      const std::string key(entry->key());
      const std::string to = key_for("list");
      if (key != to) engine.rename(db, key, to);
      break;
    }
    case 9: {
      const Entry* entry = engine.random(db);
      if (entry == nullptr) break;
      const std::string key(entry->key());
      if (random_below(2) == 0) {
        engine.move(db, key, (db + 1) % 3);
      } else {
        engine.copy(db, key, (db + 1) % 3, key);
      }
      break;
    }
    case 10: {
      const Entry* entry = engine.random(db);
      if (entry == nullptr) break;
      const std::string key(entry->key());
      if (random_below(3) == 0) {
        engine.remove(db, key);
      } else if (random_below(2) == 0) {
        const auto wait_ms = static_cast<std::int64_t>(1 + random_below(200));
        engine.set_expiry(db, key, engine.now_ms() + wait_ms);
      } else {
        engine.clear_expiry(db, key);
      }
      break;
    }
    case 11:
    case 12: random_stream_operation(engine, db, value); break;
    default:
      if (random_below(60) == 0) engine.flush(db);
      if (random_below(20) == 0) engine.swap(db, (db + 1) % 3);
      engine.set_now(engine.now_ms() + 1);
      engine.expire_some(2);
      if (random_below(4) == 0) engine.tidy_some(50);
  }
}

inline Limits small_limits() {
  Limits limits;
  limits.hash_max_listpack_entries = limits.set_max_listpack_entries = 12;
  limits.zset_max_listpack_entries = limits.set_max_intset_entries = 12;
  limits.stream_node_max_entries = 5;
  return limits;
}

}  // namespace bodega::keyspace::test
