#include "protocol/dynamodb/items/transactions.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "engines/base/digest.h"
#include "protocol/dynamodb/idempotency.h"
#include "protocol/dynamodb/items/read_request.h"
#include "protocol/dynamodb/operations.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/capacity.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

constexpr std::uint64_t kMaxTransactionBytes = 4 * 1024 * 1024;

struct Reason {
  std::string_view code = "None";
  std::string message;
  std::string item;  // JSON text, where the old item was wanted
};

[[noreturn]] void cancel(const std::vector<Reason>& reasons) {
  std::string codes;
  std::string members = "\"CancellationReasons\":";
  {
    json::Array list(members);
    for (const Reason& reason : reasons) {
      if (!codes.empty()) codes += ", ";
      codes += reason.code;
      json::Object object(list.next());
      object.string("Code", reason.code);
      if (!reason.message.empty()) object.string("Message", reason.message);
      if (!reason.item.empty()) object.name("Item") += reason.item;
    }
  }
  throw Error{Code::kTransactionCanceledException,
              "Transaction cancelled, please refer cancellation reasons for specific reasons [" +
                  codes + "]",
              std::move(members)};
}

// Runs `check` on the actions in turn; the first that fails is the only one with a reason.
template <class Check>
void check_each(std::size_t count, const Check& check) {
  for (std::size_t i = 0; i < count; ++i) {
    try {
      check(i);
    } catch (Error& error) {
      if (error.code != Code::kValidationException) throw;
      std::vector<Reason> reasons(count);
      reasons[i] = {"ValidationError", std::move(error.message), {}};
      cancel(reasons);
    }
  }
}

struct KindRow {
  std::string_view member;
  WriteRequest::Kind kind;
};
constexpr std::array<KindRow, 4> kKinds{{
    {"ConditionCheck", WriteRequest::Kind::kCheck},
    {"Put", WriteRequest::Kind::kPut},
    {"Update", WriteRequest::Kind::kUpdate},
    {"Delete", WriteRequest::Kind::kDelete},
}};

std::vector<WriteRequest> read_writes(const Request& request) {
  std::vector<WriteRequest> writes;
  const json::Node list = request.body.find("TransactItems");
  for (json::Node node = list.first(); node.exists(); node = node.next()) {
    const KindRow* chosen = nullptr;
    std::size_t given = 0;
    for (const KindRow& row : kKinds) {
      if (!has_member(node, row.member)) continue;
      chosen = &row;
      ++given;
    }
    if (given != 1) {
      throw validation("TransactItems can only contain one of Check, Put, Update or Delete");
    }
    writes.push_back(read_write_request(chosen->kind, WriteSource::kAction,
                                        node.find(chosen->member), request.expressions));
  }
  return writes;
}

void check_distinct(const std::vector<ItemWrite>& writes) {
  std::set<std::pair<std::uint64_t, std::string_view>> seen;
  for (const ItemWrite& write : writes) {
    if (!seen.emplace(write.table()->id, write.key().bytes()).second) {
      throw validation("Transaction request cannot include multiple operations on one item");
    }
  }
}

void check_total_size(const std::vector<ItemWrite>& writes) {
  std::uint64_t bytes = 0;
  for (const ItemWrite& write : writes) bytes += table::item_size_bytes(write.request().item);
  if (bytes > kMaxTransactionBytes) {
    throw validation(
        "Collective size of items in the transaction exceeds limit: total item size cannot exceed "
        "4194304 bytes");
  }
}

}  // namespace

std::vector<ItemWrite> prepare_transaction(std::vector<WriteRequest> requests,
                                           std::span<const table::OpenTable> tables) {
  std::vector<ItemWrite> writes;
  writes.reserve(requests.size());
  check_each(requests.size(),
             [&](std::size_t i) { writes.emplace_back(std::move(requests[i]), tables[i]); });
  check_distinct(writes);
  check_total_size(writes);
  return writes;
}

table::ManyModified carry_out(table::Engine& engine, std::span<const ItemWrite> writes) {
  std::vector<Reason> reasons(writes.size());
  std::vector<table::Change> changes;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const ItemWrite& write = writes[i];
    Reason& reason = reasons[i];
    changes.push_back({write.table(), write.key(), [&](const table::Previous& previous) {
                         reason = {};
                         try {
                           return write.decide(previous);
                         } catch (Error& error) {
                           if (error.code != Code::kValidationException) throw;
                           reason = {"ValidationError", std::move(error.message), {}};
                           return table::Decision::refuse();
                         }
                       }});
  }
  auto done = engine.modify_many(changes);
  if (!done) throw table_not_found();
  if (done->applied) return *std::move(done);
  for (std::size_t i = 0; i < writes.size(); ++i) {
    if (!done->refused[i] || reasons[i].code != "None") continue;
    reasons[i].code = "ConditionalCheckFailed";
    reasons[i].message = "The conditional request failed";
    const auto& previous = done->results[i].previous;
    if (writes[i].request().wants_item_on_failure && previous) {
      write_item(reasons[i].item, previous->view());
    }
  }
  cancel(reasons);
}

namespace {

// One ConsumedCapacity for each table, in the order of first mention.
class CapacityByTable {
 public:
  explicit CapacityByTable(ConsumedCapacity::Kind kind) : kind_(kind) {}

  ConsumedCapacity& of(std::string_view table) {
    for (auto& [name, capacity] : all_) {
      if (name == table) return capacity;
    }
    return all_.emplace_back(table, ConsumedCapacity(std::string(table), kind_)).second;
  }

  void write(json::Object& reply, Report report) const {
    if (report == Report::kNone) return;
    json::Array list(reply.name("ConsumedCapacity"));
    for (const auto& [name, capacity] : all_) capacity.write(list.next(), report);
  }

 private:
  ConsumedCapacity::Kind kind_;
  std::vector<std::pair<std::string_view, ConsumedCapacity>> all_;
};

std::string write_reply(const Request& request, const std::vector<ItemWrite>& writes,
                        const table::ManyModified* done) {
  CapacityByTable capacity(done != nullptr ? ConsumedCapacity::Kind::kWrite
                                           : ConsumedCapacity::Kind::kRead);
  std::vector<std::pair<std::string_view, std::string>> collections;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    const ItemWrite& write = writes[i];
    const std::string_view name = write.request().table_name;
    if (done != nullptr) {
      capacity.of(name).add_write(done->results[i], 2);
    } else {
      // A repeated request reads what it would have written.
      const auto item = request.engine.get(write.table(), write.key());
      capacity.of(name).add_table(2 *
                                  read_units(item ? item->size_bytes() : 0, Consistency::kStrong));
    }
    if (wants_collection_metrics(request.body, *write.table())) {
      auto found = std::find_if(collections.begin(), collections.end(),
                                [&](const auto& one) { return one.first == name; });
      if (found == collections.end()) {
        found = collections.emplace(collections.end(), name, "");
      } else {
        found->second += ",";
      }
      write_collection_metrics(found->second, *write.table(), write.request().item);
    }
  }
  std::string out;
  json::Object reply(out);
  capacity.write(reply, report_of(request.body));
  if (!collections.empty()) {
    json::Object metrics(reply.name("ItemCollectionMetrics"));
    for (const auto& [name, list] : collections) metrics.name(name) += "[" + list + "]";
  }
  reply.close();
  return out;
}

std::string transact_write_items(const Request& request) {
  std::vector<WriteRequest> requests = read_writes(request);
  std::vector<table::OpenTable> tables;
  for (const WriteRequest& write : requests)
    tables.push_back(open_table(request, write.table_name));
  const std::vector<ItemWrite> writes = prepare_transaction(std::move(requests), tables);

  const std::string token(string_or(request.body, "ClientRequestToken", ""));
  if (token.empty()) {
    const table::ManyModified done = carry_out(request.engine, writes);
    return write_reply(request, writes, &done);
  }
  const std::string scope = request.caller.account + "/" + request.caller.region;
  switch (
      request.idempotency.begin(scope, token, base::sha256(request.text), request.clock.now_us())) {
    case Idempotency::Verdict::kFirst: break;
    case Idempotency::Verdict::kRepeated: return write_reply(request, writes, nullptr);
    case Idempotency::Verdict::kMismatch:
      throw Error{
          Code::kIdempotentParameterMismatchException,
          "The request uses the same client token as a previous, but non-identical request. "
          "Do not reuse a client token with different requests, unless the requests are "
          "identical"};
    case Idempotency::Verdict::kInProgress:
      throw Error{Code::kTransactionInProgressException,
                  "The transaction with the given request token is already in progress."};
  }
  try {
    const table::ManyModified done = carry_out(request.engine, writes);
    request.idempotency.end(scope, token, Idempotency::End::kDone);
    return write_reply(request, writes, &done);
  } catch (...) {
    request.idempotency.end(scope, token, Idempotency::End::kFailed);
    throw;
  }
}

std::string transact_get_items(const Request& request) {
  std::vector<ReadRequest> reads;
  const json::Node list = request.body.find("TransactItems");
  for (json::Node node = list.first(); node.exists(); node = node.next()) {
    reads.push_back(read_read_request(node.find("Get"), request.expressions));
  }
  std::vector<table::OpenTable> tables;
  for (const ReadRequest& read : reads) tables.push_back(open_table(request, read.table_name));
  std::vector<table::ItemAddress> addresses;
  check_each(reads.size(), [&](std::size_t i) {
    addresses.push_back({tables[i], fitting_key(*tables[i], reads[i].key, reads[i].wanted)});
  });
  std::set<std::pair<std::uint64_t, std::string_view>> seen;
  for (const auto& address : addresses) {
    if (!seen.emplace(address.table->id, address.key.bytes()).second) {
      throw validation("Transaction request cannot include multiple operations on one item");
    }
  }
  const auto found = request.engine.get_many(addresses);
  CapacityByTable capacity(ConsumedCapacity::Kind::kRead);
  std::uint64_t bytes = 0;
  std::string out;
  json::Object reply(out);
  {
    json::Array responses(reply.name("Responses"));
    for (std::size_t i = 0; i < reads.size(); ++i) {
      const std::uint64_t size = found[i] ? found[i]->size_bytes() : 0;
      bytes += size;
      capacity.of(reads[i].table_name).add_table(2 * read_units(size, Consistency::kStrong));
      json::Object response(responses.next());
      if (found[i]) reads[i].wanted.write(response.name("Item"), found[i]->view());
    }
  }
  if (bytes > kMaxTransactionBytes) {
    throw validation("Total size of items in the transaction cannot exceed 4194304 bytes");
  }
  capacity.write(reply, report_of(request.body));
  reply.close();
  return out;
}

using namespace shapes;
using enum Presence;
using Type = Shape::Type;

constexpr Member kConditionCheckMembers[] = {
    {"Key", &kAttributeMap, kNotNull},
    {"TableName", &kTableName, kNotNull},
    {"ConditionExpression", &kAnyString, kNotNull},
    {"ExpressionAttributeNames", &kStringMap},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ReturnValuesOnConditionCheckFailure", &kReturnValuesOnConditionCheckFailure},
};
constexpr Member kPutMembers[] = {
    {"Item", &kAttributeMap, kNotNull},
    {"TableName", &kTableName, kNotNull},
    {"ConditionExpression", &kAnyString},
    {"ExpressionAttributeNames", &kStringMap},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ReturnValuesOnConditionCheckFailure", &kReturnValuesOnConditionCheckFailure},
};
constexpr Member kDeleteMembers[] = {
    {"Key", &kAttributeMap, kNotNull},
    {"TableName", &kTableName, kNotNull},
    {"ConditionExpression", &kAnyString},
    {"ExpressionAttributeNames", &kStringMap},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ReturnValuesOnConditionCheckFailure", &kReturnValuesOnConditionCheckFailure},
};
constexpr Member kUpdateMembers[] = {
    {"Key", &kAttributeMap, kNotNull},
    {"UpdateExpression", &kAnyString, kNotNull},
    {"TableName", &kTableName, kNotNull},
    {"ConditionExpression", &kAnyString},
    {"ExpressionAttributeNames", &kStringMap},
    {"ExpressionAttributeValues", &kAttributeMap},
    {"ReturnValuesOnConditionCheckFailure", &kReturnValuesOnConditionCheckFailure},
};
constexpr Shape kCheck{
    .type = Type::kStructure, .name = "ConditionCheck", .members = kConditionCheckMembers};
constexpr Shape kPut{.type = Type::kStructure, .name = "Put", .members = kPutMembers};
constexpr Shape kDelete{.type = Type::kStructure, .name = "Delete", .members = kDeleteMembers};
constexpr Shape kUpdate{.type = Type::kStructure, .name = "Update", .members = kUpdateMembers};
constexpr Member kWriteItemMembers[] = {
    {"ConditionCheck", &kCheck},
    {"Put", &kPut},
    {"Delete", &kDelete},
    {"Update", &kUpdate},
};
constexpr Shape kWriteItem{
    .type = Type::kStructure, .name = "TransactWriteItem", .members = kWriteItemMembers};
constexpr Shape kWriteItems{
    .type = Type::kList, .element = &kWriteItem, .min_length = 1, .max_length = 100};
constexpr Shape kToken{.type = Type::kString, .min_length = 1, .max_length = 36};
constexpr Member kWriteMembers[] = {
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"ReturnItemCollectionMetrics", &kReturnItemCollectionMetrics},
    {"ClientRequestToken", &kToken},
    {"TransactItems", &kWriteItems, kNotNull},
};
constexpr Member kGetMembers[] = {
    {"Key", &kAttributeMap, kNotNull},
    {"TableName", &kTableName, kNotNull},
    {"ProjectionExpression", &kAnyString},
    {"ExpressionAttributeNames", &kStringMap},
};
constexpr Shape kGet{.type = Type::kStructure, .name = "Get", .members = kGetMembers};
constexpr Member kGetItemMembers[] = {{"Get", &kGet, kNotNull}};
constexpr Shape kGetItem{
    .type = Type::kStructure, .name = "TransactGetItem", .members = kGetItemMembers};
constexpr Shape kGetItems{
    .type = Type::kList, .element = &kGetItem, .min_length = 1, .max_length = 100};
constexpr Member kGetInputMembers[] = {
    {"ReturnConsumedCapacity", &kReturnConsumedCapacity},
    {"TransactItems", &kGetItems, kNotNull},
};
constexpr Shape kWriteInput{
    .type = Type::kStructure, .name = "TransactWriteItemsInput", .members = kWriteMembers};
constexpr Shape kGetInput{
    .type = Type::kStructure, .name = "TransactGetItemsInput", .members = kGetInputMembers};

constexpr std::array<Operation, 2> kOperations{{
    {"TransactWriteItems", &kWriteInput, transact_write_items},
    {"TransactGetItems", &kGetInput, transact_get_items},
}};

}  // namespace

std::span<const Operation> transaction_operations() { return kOperations; }

}  // namespace bodega::dynamodb
