// Seed files as text: YAML and JSON give the same values, and what is wrong has its line.
#include "server/seed/document.h"

#include "tests/catch.h"

using namespace bodega::server;

namespace {

std::string json_of(std::string_view yaml) { return to_json(read_document(yaml, Syntax::kYaml)); }

// "line: what"
std::string fault_of(std::string_view text, Syntax syntax = Syntax::kYaml) {
  try {
    read_document(text, syntax);
  } catch (const SeedError& error) {
    return std::to_string(error.line()) + ": " + error.what();
  }
  return "(none)";
}

}  // namespace

TEST_CASE("Document: a plain scalar is what JSON would take it for") {
  CHECK(
      json_of("[null, ~, {a: }, true, False, 5, -1.5e3, 12345678901234567890123456789012345678]") ==
      "[null,null,{\"a\":null},true,false,5,-1.5e3,12345678901234567890123456789012345678]");
  CHECK(json_of("[yes, 007, 0x7, 1_000, 2026-01-02, '5', \"true\", !!str 5, +1, .5]") ==
        R"(["yes","007","0x7","1_000","2026-01-02","5","true","5","+1",".5"])");
  CHECK(json_of("a: |\n  two\n  lines\nb: {c: [d]}\n") ==
        R"({"a":"two\nlines\n","b":{"c":["d"]}})");
  CHECK(json_of("!!binary aGVs\n bG8=") == R"("aGVsbG8=")");
  CHECK(read_document("", Syntax::kYaml).is_null());
}

TEST_CASE("Document: JSON is read whole, with tabs, escapes and pairs of escapes") {
  const std::string text =
      "{\n\t\"a\": [1, 2.50, \"\\u00e9\\/\\n\"],\n\t\"b\": \"\\ud83d\\ude00 \\\\ud83d\"\n}\n";
  CHECK(to_json(read_document(text, Syntax::kJson)) ==
        "{\"a\":[1,2.50,\"\xc3\xa9/\\n\"],\"b\":\"\xf0\x9f\x98\x80 \\\\ud83d\"}");
}

TEST_CASE("Document: values know their lines") {
  const Node root = read_document("# a comment\na:\n  - b\n  - c: d\n", Syntax::kYaml);
  const Node& list = *root.find("a");
  CHECK(root.line == 2);
  CHECK(list.elements[0].line == 3);
  CHECK(list.elements[1].members[0].line == 4);
}

TEST_CASE("Document: what is wrong has its line") {
  CHECK(fault_of("a: 1\nb: [1, 2\nc: 3\n").starts_with("3: "));
  CHECK(fault_of("a: 1\nb: 2\na: 3\n") == "3: \"a\" is there twice");
  CHECK(fault_of("a: &x 1\n") == "1: anchors (&) are not supported");
  CHECK(fault_of("a: 1\nb: *x\n") == "2: aliases (*) are not supported");
  CHECK(fault_of("a: 1\nb: !!set {c}\n") == "2: the tag tag:yaml.org,2002:set is not supported");
  CHECK(fault_of("a: 1\n---\nb: 2\n") == "2: a second document begins; a seed file is one");
  CHECK(fault_of("? [a]\n: b\n") == "1: the name of a member is a text");
  CHECK(fault_of(std::string(200, '[')) == "1: lists and maps are too deep");
  CHECK(fault_of("{\"a\": \"\\ud83d\"}", Syntax::kJson).starts_with("1: "));
}
