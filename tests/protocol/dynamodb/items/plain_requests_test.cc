// Requests as plain values, with literals in their trees: what another language than JSON would
// make.
#include <memory>

#include "engines/base/clock.h"
#include "engines/kv/store.h"
#include "protocol/dynamodb/expression/key_condition.h"
#include "protocol/dynamodb/items/page.h"
#include "protocol/dynamodb/items/transactions.h"
#include "protocol/dynamodb/items/write.h"
#include "protocol/dynamodb/wire/error.h"
#include "tests/catch.h"

namespace bodega::dynamodb {
namespace {

using table::Item;
using table::Value;
using Kind = WriteRequest::Kind;

Value n(int value) { return Value::of_number(table::Number::from_int(value)); }
Value s(std::string text) { return Value::of_string(std::move(text)); }
Item item(std::vector<table::Attribute> attributes) {
  return Item::from_unsorted(std::move(attributes));
}
Item key_of(int r) { return item({{"p", s("k")}, {"r", n(r)}}); }

Path path_of(std::string name) { return {PathStep{PathStep::Kind::kName, 0, std::move(name)}}; }
Node path_node(std::string name) {
  Node node;
  node.path = path_of(std::move(name));
  return node;
}
Node literal_node(std::uint32_t literal) {
  Node node;
  node.kind = NodeKind::kLiteral;
  node.value = literal;
  return node;
}

// `name` compared with a value.
BoundCondition compare(std::string name, NodeKind comparison, Value value) {
  Condition tree;
  Node root;
  root.kind = comparison;
  root.args = {0, 1};
  tree.nodes = {path_node(std::move(name)), literal_node(0), std::move(root)};
  tree.root = 2;
  tree.literals = {std::move(value)};
  auto shared = std::make_shared<const Condition>(std::move(tree));
  Bindings bindings = bind(*shared, Placeholders());
  return {std::move(shared), std::move(bindings)};
}

// SET name = name + value
BoundUpdate add_to(std::string name, Value value) {
  Update tree;
  Node sum;
  sum.kind = NodeKind::kPlus;
  sum.args = {0, 1};
  tree.nodes = {path_node(name), literal_node(0), std::move(sum)};
  tree.actions = {{UpdateAction::Kind::kSet, path_of(std::move(name)), 2}};
  tree.literals = {std::move(value)};
  auto shared = std::make_shared<const Update>(std::move(tree));
  Bindings bindings = bind(*shared, Placeholders());
  return {std::move(shared), std::move(bindings)};
}

WriteRequest write_of(Kind kind, Item what) {
  WriteRequest write;
  write.kind = kind;
  write.table_name = "t";
  write.item = std::move(what);
  return write;
}

struct Fixture {
  Fixture() {
    table::Table spec;
    spec.name = {"000000000000", "us-east-1", "t"};
    spec.keys.hash = {{"p", table::Type::kString}};
    spec.keys.range = {{"r", table::Type::kNumber}};
    REQUIRE(engine.create_table(spec).has_value());
  }
  table::OpenTable open() { return *engine.open_table("000000000000", "us-east-1", "t"); }
  table::Modified write(WriteRequest request) {
    return carry_out(engine, ItemWrite(std::move(request), open()));
  }
  void put(int r, int v) {
    Item what = key_of(r);
    what.set("v", n(v));
    write(write_of(Kind::kPut, what));
  }
  std::optional<Item> get(int r) {
    const auto stored = engine.get(open(), table::item_key(*open(), key_of(r)));
    return stored ? std::optional(stored->to_item()) : std::nullopt;
  }
  table::ManyModified transact(std::vector<WriteRequest> requests) {
    const std::vector<table::OpenTable> tables(requests.size(), open());
    return carry_out(engine, prepare_transaction(std::move(requests), tables));
  }

  std::unique_ptr<kv::Store> store = kv::make_memory_store(kv::Database::kShared);
  base::ManualClock clock;
  table::Engine engine{*store, clock};
};

template <class Work>
Error error_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  FAIL("it was not refused");
  return {Code::kValidationException, ""};
}

}  // namespace

TEST_CASE("Plain requests: an update with a condition, and what it returns") {
  Fixture fixture;
  fixture.put(1, 10);
  const auto update = [](int at_most) {
    WriteRequest write = write_of(Kind::kUpdate, key_of(1));
    write.condition = compare("v", NodeKind::kLessOrEqual, n(at_most));
    write.update = add_to("v", n(5));
    write.return_values = ReturnValues::kUpdatedNew;
    write.wants_item_on_failure = true;
    return write;
  };
  const ItemWrite write(update(10), fixture.open());
  const table::Modified modified = carry_out(fixture.engine, write);
  CHECK(*fixture.get(1)->find("v") == n(15));
  CHECK(write.returned(modified) == item({{"v", n(15)}}));
  const Error error = error_of([&] { fixture.write(update(10)); });
  CHECK(error.code == Code::kConditionalCheckFailedException);
  CHECK(*fixture.get(1)->find("v") == n(15));
}

TEST_CASE("Plain requests: a transaction of all kinds of actions, all or nothing") {
  Fixture fixture;
  fixture.put(1, 10);
  fixture.put(2, 20);
  fixture.put(3, 30);
  const auto requests = [](int expected) {
    std::vector<WriteRequest> all;
    Item added = key_of(4);
    added.set("v", n(40));
    all.push_back(write_of(Kind::kPut, added));
    all.push_back(write_of(Kind::kUpdate, key_of(1)));
    all.back().update = add_to("v", n(1));
    all.push_back(write_of(Kind::kDelete, key_of(2)));
    all.push_back(write_of(Kind::kCheck, key_of(3)));
    all.back().condition = compare("v", NodeKind::kEqual, n(expected));
    return all;
  };
  const Error error = error_of([&] { fixture.transact(requests(31)); });
  CHECK(error.code == Code::kTransactionCanceledException);
  CHECK(error.message.find("[None, None, None, ConditionalCheckFailed]") != std::string::npos);
  CHECK_FALSE(fixture.get(4).has_value());
  CHECK(fixture.get(2).has_value());

  const table::ManyModified done = fixture.transact(requests(30));
  CHECK(done.applied);
  CHECK(*fixture.get(1)->find("v") == n(11));
  CHECK_FALSE(fixture.get(2).has_value());
  CHECK(*fixture.get(3)->find("v") == n(30));
  CHECK(*fixture.get(4)->find("v") == n(40));

  std::vector<WriteRequest> twice;
  for (int i = 0; i < 2; ++i) twice.push_back(write_of(Kind::kDelete, key_of(1)));
  CHECK(error_of([&] { fixture.transact(std::move(twice)); }).code == Code::kValidationException);
}

TEST_CASE("Plain requests: a query by literals, in pages and backwards, and a scan with a filter") {
  Fixture fixture;
  for (int r = 1; r <= 5; ++r) fixture.put(r, 10 * r);
  QueryRequest query;
  query.table_name = "t";
  query.key_conditions = key_conditions(compare("p", NodeKind::kEqual, s("k")));
  query.key_conditions->push_back(key_conditions(compare("r", NodeKind::kGreater, n(1))).front());
  query.direction = table::Direction::kBackward;
  query.limit = 3;
  const Page first = read_page(fixture.engine, query, fixture.open());
  CHECK(first.count == 3);
  CHECK(first.last == key_of(3));
  query.start = first.last;
  const Page second = read_page(fixture.engine, query, fixture.open());
  CHECK(second.items == R"({"p":{"S":"k"},"r":{"N":"2"},"v":{"N":"20"}})");
  CHECK_FALSE(second.last.has_value());

  QueryRequest scan;
  scan.table_name = "t";
  scan.filter = compare("v", NodeKind::kNotEqual, n(30));
  scan.select = Select::kCount;
  const Page all = read_page(fixture.engine, scan, fixture.open());
  CHECK(all.count == 4);
  CHECK(all.scanned == 5);
  CHECK(all.items.empty());
}

TEST_CASE("Plain requests: literals are checked as values of a request are") {
  const auto fault_of = [](NodeKind comparison, Value value) {
    try {
      compare("v", comparison, std::move(value));
    } catch (const ExpressionFault& fault) {
      return fault.message;
    }
    return std::string();
  };
  CHECK(fault_of(NodeKind::kLess, n(1)).empty());
  CHECK(fault_of(NodeKind::kLess, Value::of_bool(true)) ==
        "Incorrect operand type for operator or function; operator or function: <, operand type: "
        "BOOL");
}

}  // namespace bodega::dynamodb
