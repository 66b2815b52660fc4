// Expressions as text: syntax errors with their token and surroundings, limits, and what is refused
// whatever the item is. The texts are the service's.
#include "engines/base/random.h"
#include "protocol/dynamodb/expression/expression.h"
#include "protocol/dynamodb/expression/reserved_words.h"
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

template <class Parse>
std::string fault(const Parse& parse, std::string_view text) {
  try {
    parse(text);
  } catch (const ExpressionFault& fault) {
    return fault.message;
  }
  return "";
}
std::string condition(std::string_view text) { return fault(parse_condition, text); }
std::string update(std::string_view text) { return fault(parse_update, text); }
std::string projection(std::string_view text) { return fault(parse_projection, text); }

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("syntax errors: the token, and what stands around it") {
  CHECK(projection("!!! INVALID !!!") == R"(Syntax error; token: "!", near: "!!")");
  CHECK(update("INVALID SYNTAX HERE") ==
        R"(Syntax error; token: "INVALID", near: "INVALID SYNTAX")");
  CHECK(update("SET _123 = :v") == R"(Syntax error; token: "_", near: "SET _123")");
  CHECK(condition("a =") == R"(Syntax error; token: "<EOF>", near: "=")");
  CHECK(condition("a") == R"(Syntax error; token: "<EOF>", near: "a")");
  CHECK(condition("a AND b = :v") == R"(Syntax error; token: "AND", near: "a AND b")");
  CHECK(condition("a = b = c") == R"(Syntax error; token: "=", near: "b = c")");
  CHECK(condition("a.0 = :v") == R"(Syntax error; token: "0", near: ".0 =")");
  CHECK(condition("my-attr = :v") == R"(Syntax error; token: "-", near: "my-attr")");
  CHECK(condition("a BETWEEN :x OR b = :y") == R"(Syntax error; token: "OR", near: ":x OR b")");
  CHECK(condition("f(a = b)") == R"(Syntax error; token: "=", near: "a = b")");
}

TEST_CASE("syntax errors: what the condition grammar refuses") {
  for (const char* text : {"things are not gonna be ok",
                           "a > 4",
                           "(size(a))[0] > a",
                           "a = (b = c)",
                           "a IN b",
                           "a IN ()",
                           "a IN (b, )",
                           "NOT",
                           "a = :v AND",
                           "(a = :v",
                           "a = :v)",
                           "f()",
                           "f(,)",
                           "a..b = :v",
                           "a[] = :v",
                           "a[-1] = :v",
                           "a[b] = :v",
                           "a[0 = :v",
                           ".a = :v",
                           "a. = :v",
                           "# = :v",
                           "a = :",
                           "a BETWEEN :x",
                           "a BETWEEN :x AND",
                           "a < < b",
                           "and = :v",
                           "NOT a",
                           "not(a)",
                           "a = :v b = :v",
                           "a = 'x'",
                           "a = \"x\"",
                           "a == b",
                           "a != b",
                           "\xff = :v",
                           "a = NOT b",
                           "a IN (b AND c)"}) {
    INFO(text);
    CHECK(condition(text).starts_with("Syntax error; token: \""));
  }
}

TEST_CASE("syntax errors: what the update grammar refuses") {
  for (const char* text : {"whatever",
                           "set a",
                           "add a",
                           "delete a",
                           "set a=set",
                           "remove a = b",
                           "add a = b",
                           "delete a = b",
                           "delete a b",
                           "delete a if_not_exist(b)",
                           "add abort b",
                           "add a if_not_exist(b)",
                           "remove a b",
                           "set a b",
                           "set :a = b",
                           "add :a b",
                           "delete :a b",
                           "remove :a",
                           "set a = b / c",
                           "set a = b * c",
                           "set a[1] = \"eight\"",
                           "set a[1] = 1",
                           "SET a = if_not_exist(a, 100)",
                           "SET if_not_exist(a, b) = a",
                           "set (a = (b + c))",
                           "set a = (b.c).d + e",
                           "set a = (b.c)[0] + e",
                           "set a = b + c + d",
                           "SET a = :v,",
                           "SET c = if_not_exists(c, :val1+:val2)",
                           "SET",
                           "REMOVE a,",
                           "SET a = :v, REMOVE b"}) {
    INFO(text);
    CHECK(update(text).starts_with("Syntax error; token: \""));
  }
}

TEST_CASE("expressions: what the grammars accept") {
  for (const char* text :
       {"a = :v", "(a) = (:v)", "(a = :v)", "((a = :v) AND b = :v)", "NOT NOT a = :v",
        "a.b[1].#c<>:v", "a between :x and :y and b in (:a,:b)", "(a).b = :v", "size(a) > :v",
        "attribute_exists(a) or not begins_with(b, :v)", ":v < a", "a = :v AND (b = :v OR c = :v)",
        "NOT (a = :v OR b = :v) AND c = :v", "a BETWEEN size(b) AND (:v)", "a\t=\r\n:v"}) {
    INFO(text);
    CHECK(condition(text) == "");
  }
  for (const char* text :
       {"SET a = :v", "set a = (b + c)", "set a = ((b.c.d)+(e))", "set b.c=((c[1])+(b.a)),b.a = a",
        "REMOVE b DELETE c :c ADD d :d, e :e SET f = :f",
        "SET a = if_not_exists(a, if_not_exists(a, b))",
        "SET a = list_append(if_not_exists(a, :e), :v)", "SET a = if_not_exists(b, :val1)+:val2",
        "set a = (b)"}) {
    INFO(text);
    CHECK(update(text) == "");
  }
}

TEST_CASE("expressions: empty, too long, too many operators") {
  CHECK(condition("") == "The expression can not be empty;");
  CHECK(update("  ") == "The expression can not be empty;");
  const std::string longest = "a = :" + std::string(4096 - 5, 'v');
  CHECK(condition(longest) == "");
  CHECK(condition(longest + "v") ==
        "Expression size has exceeded the maximum allowed size; expression size: 4097");
  CHECK(condition("a<b " + repeated("or a<b ", 149)) == "");
  CHECK(condition("a<b " + repeated("or (a<b ", 149) + repeated(")", 149)) == "");
  CHECK(condition("a<b " + repeated("or a<b ", 454)) ==
        "The expression contains too many operators; operator count: 301");
  CHECK(condition(repeated("not ", 1000) + "a<b") ==
        "The expression contains too many operators; operator count: 301");
}

TEST_CASE("expressions: redundant parentheses") {
  CHECK(condition("((a = :v))") == "The expression has redundant parentheses;");
  CHECK(condition("a = ((:v))") == "The expression has redundant parentheses;");
  CHECK(condition(repeated("(", 2046) + "a<b" + repeated(")", 2046)) ==
        "The expression has redundant parentheses;");
  CHECK(condition("((a <> :p) and a <> :p)") == "");
}

TEST_CASE("expressions: functions") {
  CHECK(condition("dog(a)") == "Invalid function name; function: dog");
  CHECK(condition("a < " + repeated("f(", 1300) + "b" + repeated(")", 1300)) ==
        "Invalid function name; function: f");
  CHECK(condition("size(a)") ==
        "The function is not allowed to be used this way in an expression; function: size");
  CHECK(condition("attribute_exists(a) = :v") ==
        "The function is not allowed to be used this way in an expression; function: "
        "attribute_exists");
  CHECK(condition("contains(a, begins_with(b, c))") ==
        "The function is not allowed to be used this way in an expression; function: begins_with");
  CHECK(update("SET a = f123_hi(b,c,d)") == "Invalid function name; function: f123_hi");
  CHECK(update("SET a = list_append(list_append(:a, :b), :c)") ==
        "The function is not allowed to be used this way in an expression; function: list_append");
}

TEST_CASE("expressions: a section once") {
  CHECK(update("set a = #c set c = :d") ==
        R"(The "SET" section can only be used once in an update expression;)");
  CHECK(update("remove #d set a = b remove e") ==
        R"(The "REMOVE" section can only be used once in an update expression;)");
}

TEST_CASE("expressions: reserved words, echoed as written") {
  CHECK(update(" set #c = :c set abOrt = true ") ==
        "Attribute name is a reserved keyword; reserved keyword: abOrt");
  CHECK(projection("a, name") == "Attribute name is a reserved keyword; reserved keyword: name");
  CHECK(condition("size(status) > :v") ==
        "Attribute name is a reserved keyword; reserved keyword: status");
  CHECK(condition("a.#n.Zone = :v") ==
        "Attribute name is a reserved keyword; reserved keyword: Zone");
  CHECK(is_reserved_word("abort"));
  CHECK(is_reserved_word("ZONE"));
  CHECK_FALSE(is_reserved_word("pk"));
  CHECK_FALSE(is_reserved_word(""));
}

TEST_CASE("expressions: paths that are too deep, indices that are too large") {
  CHECK(projection("a" + repeated(".b", 31)) == "");
  CHECK(projection("a" + repeated(".b", 32)) ==
        "The document path has too many nesting levels; nesting levels: 33");
  CHECK(projection("a[99999999999999]") ==
        "List index is not within the allowable range; index: [99999999999999]");
}

TEST_CASE("expressions: random bytes never crash, and always end in a tree or a fault") {
  base::seed_random_for_test(20260102);
  constexpr std::string_view kPieces[] = {"a",
                                          "#b",
                                          ":c",
                                          "(",
                                          ")",
                                          "[",
                                          "]",
                                          "0",
                                          "12",
                                          ".",
                                          ",",
                                          "=",
                                          "<>",
                                          "<",
                                          "<=",
                                          ">",
                                          ">=",
                                          " ",
                                          " AND ",
                                          " OR ",
                                          " NOT ",
                                          " BETWEEN ",
                                          " IN ",
                                          "SET ",
                                          "REMOVE ",
                                          "ADD ",
                                          "DELETE ",
                                          "+",
                                          "-",
                                          "size(",
                                          "contains(",
                                          "attribute_exists(",
                                          "if_not_exists(",
                                          "list_append(",
                                          "\xff",
                                          "_",
                                          "!"};
  std::size_t trees = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    const std::uint64_t length = 1 + base::random_below(14);
    for (std::uint64_t i = 0; i < length; ++i) {
      if (base::random_below(20) == 0) {
        text.push_back(static_cast<char>(base::random_below(256)));
      } else {
        text += kPieces[base::random_below(std::size(kPieces))];
      }
    }
    for (const auto& parse : {condition, update, projection}) trees += parse(text).empty() ? 1 : 0;
  }
  CHECK(trees > 0);
}

}  // namespace bodega::dynamodb
