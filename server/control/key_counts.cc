#include "server/control/key_counts.h"

#include <utility>

#include "protocol/json/json.h"

namespace bodega::server {

void KeyCounts::set(std::string_view keyspace, std::vector<Database> databases) {
  const base::Lock lock(mutex_);
  keyspaces_.insert_or_assign(std::string(keyspace), std::move(databases));
}

void KeyCounts::forget(std::string_view keyspace) {
  const base::Lock lock(mutex_);
  if (const auto found = keyspaces_.find(keyspace); found != keyspaces_.end()) {
    keyspaces_.erase(found);
  }
}

std::string KeyCounts::json() const {
  const base::Lock lock(mutex_);
  std::string out;
  json::Array array(out);
  for (const auto& [name, databases] : keyspaces_) {
    json::Object keyspace(array.next());
    keyspace.string("keyspace", name);
    json::Array list(keyspace.name("databases"));
    for (const Database& database : databases) {
      json::Object object(list.next());
      object.integer("number", database.number);
      object.integer("keys", static_cast<std::int64_t>(database.keys));
      object.integer("expiring", static_cast<std::int64_t>(database.expiring));
    }
  }
  array.close();
  return out;
}

}  // namespace bodega::server
