// JSON documents: what is read can be walked, and is the same when written and read again.
#include "protocol/json/json.h"

#include <array>
#include <string>

#include "engines/base/check.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

// As deep as kMaxDepth at most.
void write(std::string& out, json::Node node) {
  switch (node.kind()) {
    case json::Kind::kNull: out += "null"; break;
    case json::Kind::kFalse: json::write_bool(out, false); break;
    case json::Kind::kTrue: json::write_bool(out, true); break;
    case json::Kind::kInteger:
    case json::Kind::kDecimal: out += node.text(); break;
    case json::Kind::kString: json::write_string(out, node.text()); break;
    case json::Kind::kArray: {
      json::Array list(out);
      for (json::Node one = node.first(); one.exists(); one = one.next()) write(list.next(), one);
      break;
    }
    case json::Kind::kObject: {
      json::Object object(out);
      for (json::Node name = node.first(); name.exists(); name = name.next().next()) {
        BODEGA_CHECK(node.find(name.text()).exists());
        write(object.name(name.text()), name.next());
      }
      break;
    }
  }
}

void run(std::string_view bytes) {
  const auto document = json::Document::parse(bytes);
  if (!document) return;
  std::string once;
  write(once, document->root());
  const auto again = json::Document::parse(once);
  BODEGA_CHECK(again.has_value());
  std::string twice;
  write(twice, again->root());
  BODEGA_CHECK(once == twice);
}

constexpr std::array<std::string_view, 5> kSeeds{
    R"({"TableName":"t","Key":{"pk":{"S":"a\u00e9\ud83d\ude00\n"}},"Limit":10})",
    R"([1,-2.5e+3,true,false,null,{"a":[],"a":{}}])",
    R"( "\"\\\/\b\f\n\r\t" )",
    "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
    "{\"\xd0\xb6\":0.1}",
};

}  // namespace

const Target kJson{"json", run, kSeeds};

}  // namespace bodega::fuzz
