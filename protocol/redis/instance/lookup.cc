#include "protocol/redis/instance/lookup.h"

#include "protocol/redis/instance/instance.h"

namespace bodega::redis {
namespace {

keyspace::Touch touch_of(const Call& call) {
  return call.session.no_touch ? keyspace::Touch::kNo : keyspace::Touch::kYes;
}

const keyspace::Entry* typed(const keyspace::Entry* entry, keyspace::Type type) {
  if (entry != nullptr && !entry->is(type)) throw Error(errors::kWrongType);
  return entry;
}

const keyspace::Entry* counted(Call& call, std::string_view key, const keyspace::Entry* entry) {
  if (entry != nullptr) {
    ++call.instance.statistics().keyspace_hits;
  } else {
    ++call.instance.statistics().keyspace_misses;
    call.notify(kNotifyMiss, "keymiss", key);
  }
  return entry;
}

}  // namespace

const keyspace::Entry* find_read(Call& call, std::string_view key) {
  return counted(call, key, call.keyspace.find(call.db, key, touch_of(call)));
}

const keyspace::Entry* look(Call& call, std::string_view key) {
  return counted(call, key, call.keyspace.find(call.db, key, keyspace::Touch::kNo));
}

const keyspace::Entry* find_read(Call& call, std::string_view key, keyspace::Type type) {
  return typed(find_read(call, key), type);
}

const keyspace::Entry* find_write(Call& call, std::string_view key) {
  return call.keyspace.find(call.db, key, touch_of(call));
}

const keyspace::Entry* find_write(Call& call, std::string_view key, keyspace::Type type) {
  return typed(find_write(call, key), type);
}

bool is_shown(const Call& call, std::string_view key) {
  const Cluster* const cluster = call.instance.cluster();
  return cluster == nullptr || cluster->has_existing_key(call.session.cluster.node, key);
}

}  // namespace bodega::redis
