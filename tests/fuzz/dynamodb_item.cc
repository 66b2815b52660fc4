// Items in DynamoDB's JSON: what is accepted is the same item when encoded and decoded, and when
// written and read again.
#include <array>
#include <string>

#include "engines/base/check.h"
#include "engines/table/format.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/error.h"
#include "protocol/dynamodb/wire/shapes.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

void run(std::string_view bytes) {
  const auto document = json::Document::parse(bytes);
  if (!document || !document->root().is_object()) return;
  table::Item item;
  try {
    aws::check_types(document->root(), dynamodb::shapes::kAttributeMap, dynamodb::kModel);
    aws::check_constraints(document->root(), dynamodb::shapes::kAttributeMap, dynamodb::kModel);
    item = dynamodb::read_item(document->root());
  } catch (const aws::Error&) {
    return;
  } catch (const dynamodb::ValueFault&) {
    return;
  }
  const std::string encoded = table::encode_item(item);
  BODEGA_CHECK(table::decode_item(encoded) == item);
  BODEGA_CHECK(table::ItemView(encoded).size_bytes() == table::item_size_bytes(item));
  std::string text;
  dynamodb::write_item(text, table::ItemView(encoded));
  const auto again = json::Document::parse(text);
  BODEGA_CHECK(again.has_value());
  BODEGA_CHECK(dynamodb::read_item(again->root()) == item);
}

constexpr std::array<std::string_view, 4> kSeeds{
    R"({"a":{"S":"x"},"n":{"N":"-1.50e3"},"b":{"B":"AAEC"},"t":{"BOOL":true},"z":{"NULL":true}})",
    R"({"s":{"SS":["b","a"]},"m":{"NS":["1","2.0"]},"bs":{"BS":["AA==","AQ=="]}})",
    R"({"l":{"L":[{"M":{"k":{"L":[]}}},{"S":""}]}})",
    R"({"a":{"S":"x","N":"1"},"b":{}})",
};

}  // namespace

const Target kDynamodbItem{"dynamodb_item", run, kSeeds};

}  // namespace bodega::fuzz
