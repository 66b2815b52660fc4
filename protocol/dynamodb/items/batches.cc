// BatchGetItem and BatchWriteItem: many independent reads or writes in one request. Everything is
// checked before anything is done; what is done is not atomic.
#include <algorithm>
#include <array>

#include "protocol/dynamodb/items/key.h"
#include "protocol/dynamodb/items/read_request.h"
#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/capacity.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

constexpr std::size_t kMaxGets = 100;
constexpr std::size_t kMaxWrites = 25;
constexpr std::uint64_t kMaxReplyBytes = 16 * 1024 * 1024;

Error duplicates() { return validation("Provided list of item keys contains duplicates"); }

json::Node required_items(json::Node node, std::string_view operation) {
  const json::Node items = node.find("RequestItems");
  if (items.size() == 0) {
    throw validation("The requestItems parameter is required for " + std::string(operation));
  }
  return items;
}

// --- BatchGetItem ---

// The keys of one table in a BatchGetItem.
struct TableGets {
  std::string_view name;
  json::Node node;
  ReadRequest read;
  std::vector<table::Item> keys;
  std::vector<table::ItemAddress> addresses;
};

std::vector<TableGets> read_gets(const Request& request) {
  std::vector<TableGets> tables;
  std::size_t count = 0;
  const json::Node items = required_items(request.body, "BatchGetItem");
  for (json::Node name = items.first(); name.exists();) {
    const json::Node node = name.next();
    if (node.present()) {
      TableGets gets{name.text(), node, read_read_request(node, request.expressions), {}, {}};
      const json::Node keys = node.find("Keys");
      for (json::Node key = keys.first(); key.exists(); key = key.next()) {
        if (!key.present()) continue;
        table::Item item = read_item_or_throw(key);
        // Those that are too many are looked at and forgotten.
        if (++count <= kMaxGets) gets.keys.push_back(std::move(item));
      }
      if (count <= kMaxGets) tables.push_back(std::move(gets));
    }
    name = node.next();
  }
  if (count > kMaxGets) throw validation("Too many items requested for the BatchGetItem call");
  return tables;
}

void address(TableGets& gets, const Request& request) {
  const table::OpenTable table = open_table(request, gets.name);
  for (const table::Item& key : gets.keys) {
    gets.addresses.push_back({table, fitting_key(*table, key, gets.read.wanted)});
  }
  std::vector<std::string_view> seen;
  for (const auto& address : gets.addresses) seen.push_back(address.key.bytes());
  std::sort(seen.begin(), seen.end());
  if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) throw duplicates();
}

// The rest of a table's keys with all that was said about them, as the next request wants it.
void write_unprocessed(std::string& out, const TableGets& gets, std::size_t from) {
  json::Object object(out);
  {
    json::Array keys(object.name("Keys"));
    for (std::size_t i = from; i < gets.keys.size(); ++i) write_item(keys.next(), gets.keys[i]);
  }
  const json::Node node = gets.node;
  if (const auto text = string_member(node, "ProjectionExpression")) {
    object.string("ProjectionExpression", *text);
  }
  if (has_member(node, "ConsistentRead")) {
    object.boolean("ConsistentRead", flag_member(node, "ConsistentRead"));
  }
  if (const json::Node names = node.find("ExpressionAttributeNames"); names.present()) {
    json::Object map(object.name("ExpressionAttributeNames"));
    for (json::Node key = names.first(); key.exists(); key = key.next().next()) {
      if (key.next().present()) map.string(key.text(), key.next().text());
    }
  }
  if (const json::Node names = node.find("AttributesToGet"); names.present()) {
    json::Array list(object.name("AttributesToGet"));
    for (json::Node name = names.first(); name.exists(); name = name.next()) {
      if (name.present()) json::write_string(list.next(), name.text());
    }
  }
}

std::string batch_get_item(const Request& request) {
  std::vector<TableGets> tables = read_gets(request);
  for (TableGets& gets : tables) address(gets, request);
  std::vector<table::ItemAddress> addresses;
  for (const TableGets& gets : tables) {
    addresses.insert(addresses.end(), gets.addresses.begin(), gets.addresses.end());
  }
  const auto found = request.engine.get_many(addresses);

  const Report report = report_of(request.body);
  std::string responses;
  std::string unprocessed;
  std::string consumed;
  {
    json::Object all_responses(responses);
    json::Object all_unprocessed(unprocessed);
    json::Array all_consumed(consumed);
    std::uint64_t bytes = 0;
    std::size_t place = 0;
    for (const TableGets& gets : tables) {
      ConsumedCapacity capacity{std::string(gets.name)};
      json::Array items(all_responses.name(gets.name));
      std::size_t done = 0;
      for (; done < gets.keys.size(); ++done) {
        const auto& item = found[place + done];
        const std::uint64_t size = item ? item->size_bytes() : 0;
        if (bytes + size > kMaxReplyBytes) break;
        bytes += size;
        capacity.add_table(read_units(size, gets.read.consistency));
        if (item) gets.read.wanted.write(items.next(), item->view());
      }
      place += gets.keys.size();
      if (done < gets.keys.size()) write_unprocessed(all_unprocessed.name(gets.name), gets, done);
      if (report != Report::kNone) capacity.write(all_consumed.next(), report);
    }
  }
  std::string out;
  json::Object reply(out);
  reply.name("Responses") += responses;
  reply.name("UnprocessedKeys") += unprocessed;
  if (report != Report::kNone) reply.name("ConsumedCapacity") += consumed;
  reply.close();
  return out;
}

// --- BatchWriteItem ---

// An item that is made of more JSON values than this is not kept while the rest of the request is
// read, but read again when it is its turn: 25 of them would be several times their text.
constexpr std::size_t kMaxKeptWeight = 16 * 1024;

// An item is put or a key deleted.
struct OneWrite {
  bool put = false;
  json::Node node;  // of the item or key
  std::optional<table::Item> kept;
  std::optional<table::ItemKey> key;
};

template <class Use>
void with_item(const OneWrite& write, const Use& use) {
  if (write.kept) return use(*write.kept);
  use(read_item_or_throw(write.node));
}

struct TableWrites {
  std::string_view name;
  std::vector<OneWrite> writes;
  std::optional<table::OpenTable> table;
};

OneWrite read_write(json::Node node) {
  const json::Node put = node.find("PutRequest");
  const json::Node remove = node.find("DeleteRequest");
  if (put.present() == remove.present()) {
    throw validation(
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  }
  OneWrite write;
  write.put = put.present();
  write.node = write.put ? put.find("Item") : remove.find("Key");
  table::Item item = read_item_or_throw(write.node);
  if (write.node.weight() <= kMaxKeptWeight) write.kept = std::move(item);
  return write;
}

std::vector<TableWrites> read_writes(const Request& request) {
  std::vector<TableWrites> tables;
  std::size_t count = 0;
  const json::Node items = required_items(request.body, "BatchWriteItem");
  for (json::Node name = items.first(); name.exists();) {
    const json::Node list = name.next();
    if (list.present()) {
      TableWrites writes;
      writes.name = name.text();
      for (json::Node node = list.first(); node.exists(); node = node.next()) {
        if (!node.present()) continue;
        OneWrite write = read_write(node);
        if (++count <= kMaxWrites) writes.writes.push_back(std::move(write));
      }
      if (count <= kMaxWrites) tables.push_back(std::move(writes));
    }
    name = list.next();
  }
  if (count > kMaxWrites) throw validation("Too many items requested for the BatchWriteItem call");
  return tables;
}

void fit(TableWrites& writes, const Request& request) {
  writes.table = open_table(request, writes.name);
  const table::Table& table = **writes.table;
  bool too_large = false;
  for (OneWrite& write : writes.writes) {
    with_item(write, [&](const table::Item& item) {
      write.key = write.put ? stored_key(table, item) : lookup_key(table, item);
      too_large = too_large || (write.put && table::item_size_bytes(item) > kMaxItemBytes);
    });
  }
  std::vector<std::string_view> seen;
  for (const OneWrite& write : writes.writes) seen.push_back(write.key->bytes());
  std::sort(seen.begin(), seen.end());
  if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) throw duplicates();
  if (too_large) throw validation("Item size has exceeded the maximum allowed size");
}

table::Modified carry_out(const Request& request, const TableWrites& writes, const OneWrite& write,
                          const table::Item& item) {
  auto modified =
      request.engine.modify(*writes.table, *write.key, [&](const table::Previous& previous) {
        if (write.put) return table::Decision::put_borrowed(item);
        return previous.exists() ? table::Decision::remove() : table::Decision::keep();
      });
  if (!modified) throw table_not_found();
  return *std::move(modified);
}

std::string batch_write_item(const Request& request) {
  std::vector<TableWrites> tables = read_writes(request);
  for (TableWrites& writes : tables) fit(writes, request);

  const Report report = report_of(request.body);
  std::string consumed;
  std::string metrics;
  bool any_metrics = false;
  {
    json::Array all_consumed(consumed);
    json::Object all_metrics(metrics);
    for (TableWrites& writes : tables) {
      ConsumedCapacity capacity{std::string(writes.name)};
      std::string collections;
      for (const OneWrite& write : writes.writes) {
        with_item(write, [&](const table::Item& item) {
          capacity.add_write(carry_out(request, writes, write, item));
          if (wants_collection_metrics(request.body, **writes.table)) {
            if (!collections.empty()) collections += ",";
            write_collection_metrics(collections, **writes.table, item);
          }
        });
      }
      if (report != Report::kNone) capacity.write(all_consumed.next(), report);
      if (!collections.empty()) {
        all_metrics.name(writes.name) += "[" + collections + "]";
        any_metrics = true;
      }
    }
  }
  std::string out;
  json::Object reply(out);
  reply.name("UnprocessedItems") += "{}";
  if (any_metrics) reply.name("ItemCollectionMetrics") += metrics;
  if (report != Report::kNone) reply.name("ConsumedCapacity") += consumed;
  reply.close();
  return out;
}

using namespace shapes;
using enum Presence;
using Type = Shape::Type;

constexpr std::string_view kTableKeys =
    "Member must have length less than or equal to 255, Member must have length greater than or "
    "equal to 1, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";

constexpr Shape kKeys{.type = Type::kList,
                      .element = &kAttributeMap,
                      .min_length = 1,
                      .max_length = 100,
                      .wording = Shape::Wording::kBare};
constexpr Member kGetTableMembers[] = {
    {"Keys", &kKeys, kNotNull},
    {"AttributesToGet", &kAttributesToGet},
    {"ConsistentRead", &kFlag},
    {"ProjectionExpression", &kAnyString},
    {"ExpressionAttributeNames", &kStringMap},
};
constexpr Shape kKeysAndAttributes{
    .type = Type::kStructure, .name = "KeysAndAttributes", .members = kGetTableMembers};
constexpr Shape kGetItems{.type = Type::kMap,
                          .element = &kKeysAndAttributes,
                          .key_constraint = kTableKeys,
                          .key_fits = is_table_key};
constexpr Member kGetMembers[] = {
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"RequestItems", &kGetItems, kNotNull},
};
constexpr Member kDeleteMembers[] = {{"Key", &kAttributeMap, kNotNull}};
constexpr Shape kDelete{
    .type = Type::kStructure, .name = "DeleteRequest", .members = kDeleteMembers};
constexpr Member kPutMembers[] = {{"Item", &kAttributeMap, kNotNull}};
constexpr Shape kPut{.type = Type::kStructure, .name = "PutRequest", .members = kPutMembers};
constexpr Member kWriteRequestMembers[] = {
    {"DeleteRequest", &kDelete},
    {"PutRequest", &kPut},
};
constexpr Shape kWriteRequest{
    .type = Type::kStructure, .name = "WriteRequest", .members = kWriteRequestMembers};
constexpr Shape kWriteList{
    .type = Type::kList, .element = &kWriteRequest, .min_length = 1, .max_length = 25};
constexpr Shape kWriteItems{
    .type = Type::kMap,
    .element = &kWriteList,
    .key_constraint = kTableKeys,
    .key_fits = is_table_key,
    .value_constraint =
        "Member must have length less than or equal to 25, Member must have length "
        "greater than or equal to 1"};
constexpr Member kWriteMembers[] = {
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"ReturnItemCollectionMetrics", &kReturnItemCollectionMetrics},
    {"RequestItems", &kWriteItems, kNotNull},
};
constexpr Shape kGetInput{
    .type = Type::kStructure, .name = "BatchGetItemInput", .members = kGetMembers};
constexpr Shape kWriteInput{
    .type = Type::kStructure, .name = "BatchWriteItemInput", .members = kWriteMembers};

constexpr std::array<Operation, 2> kOperations{{
    {"BatchGetItem", &kGetInput, batch_get_item},
    {"BatchWriteItem", &kWriteInput, batch_write_item},
}};

}  // namespace

std::span<const Operation> batch_operations() { return kOperations; }

}  // namespace bodega::dynamodb
