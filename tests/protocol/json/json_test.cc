#include "protocol/json/json.h"

#include <array>
#include <string>

#include "tests/catch.h"

namespace bodega::json {

namespace {

// A text of about `bytes` bytes: `open`, then `unit` with commas between, then `close`.
std::string repeated(std::string_view open, std::string_view unit, std::string_view close,
                     std::size_t bytes) {
  std::string text(open);
  while (text.size() + unit.size() + 1 + close.size() <= bytes) {
    if (text.size() > open.size()) text += ',';
    text += unit;
  }
  return text += close;
}

std::size_t entries_below(Node node) {
  std::size_t count = 1;
  for (Node child = node.first(); child.exists(); child = child.next()) {
    count += entries_below(child);
  }
  return count;
}

}  // namespace

TEST_CASE("JSON: strings with escapes stand among strings without, each with its own text") {
  const std::string text =
      R"({"a\n":"\u00e9x","plain":"as it is","":["\\","","\ud83d\ude00 and more","z"]})";
  const auto document = Document::parse(text);
  REQUIRE(document);
  CHECK(document->root().find("a\n").text() == "\xc3\xa9x");
  CHECK(document->root().find("plain").text() == "as it is");
  std::string joined;
  const Node list = document->root().find("");
  for (Node each = list.first(); each.exists(); each = each.next()) {
    joined += "<" + std::string(each.text()) + ">";
  }
  CHECK(joined == "<\\><><\xf0\x9f\x98\x80 and more><z>");
}

TEST_CASE("JSON: a document that moves keeps its texts, short unescaped ones too") {
  auto parsed = Document::parse(R"(["\t","b"])");
  REQUIRE(parsed);
  const Document moved = *std::move(parsed);
  CHECK(moved.root().first().text() == "\t");
  CHECK(moved.root().first().next().text() == "b");
}

TEST_CASE("JSON: arrays and objects count their elements and say where they end") {
  const auto document = Document::parse(R"([[],{},[1,[2,3]],{"a":1,"a":{"b":[]}},null])");
  REQUIRE(document);
  std::array<std::size_t, 5> sizes{};
  std::size_t place = 0;
  for (Node each = document->root().first(); each.exists(); each = each.next()) {
    sizes.at(place++) = each.size();
  }
  CHECK(place == 5);
  CHECK(sizes == std::array<std::size_t, 5>{0, 0, 2, 2, 0});
  CHECK(document->root().size() == 5);
}

TEST_CASE("JSON: no document has more entries than its length lets it have") {
  // The densest that there is: every second byte is a value.
  for (const std::string_view unit : {"0", "[]", "{}", "\"\"", "[[0]]", "{\"\":0}", "\"\\n\""}) {
    for (const std::size_t bytes : {3U, 4U, 5U, 100U, 4097U}) {
      const std::string text = repeated("[", unit, "]", bytes);
      CAPTURE(text);
      const auto document = Document::parse(text);
      REQUIRE(document);
      CHECK(entries_below(document->root()) <= Document::max_entries(text.size()));
    }
  }
  CHECK(entries_below(Document::parse("[0,0,0]")->root()) == Document::max_entries(7));
  CHECK(Document::max_entries(1) == 1);
}

TEST_CASE("JSON: a text that ends too early is refused, however dense it is") {
  CHECK_FALSE(Document::parse(""));
  CHECK_FALSE(Document::parse("["));
  CHECK_FALSE(Document::parse("[[[["));
  CHECK_FALSE(Document::parse("[0,0,0,0"));
  CHECK_FALSE(Document::parse("{\"\":[0,0,0,0"));
  CHECK_FALSE(Document::parse("[\"\\n\",\"\\n"));
}

TEST_CASE("JSON: nesting is refused behind its limit and not before") {
  const auto nest = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(Document::parse(nest(kMaxDepth)));
  CHECK_FALSE(Document::parse(nest(kMaxDepth + 1)));
  // Closed ones do not count.
  CHECK(Document::parse(repeated("[", "[[]]", "]", 8 * kMaxDepth)));
}

}  // namespace bodega::json
