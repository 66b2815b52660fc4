// The cursor over a request's options, and the choices of words.
#include "protocol/redis/wire/arguments.h"

#include <string>
#include <vector>

#include "tests/catch.h"

namespace bodega::redis::test {
namespace {

using Words = std::vector<std::string_view>;

enum class Side { kLeft, kRight };
constexpr Choice<Side> kSides[] = {{"LEFT", Side::kLeft}, {"RIGHT", Side::kRight}};

TEST_CASE("ArgumentCursor: words are taken in any case, and only those that stand next") {
  const Words words{"cmd", "key", "Nx", "GET"};
  ArgumentCursor args(words, 2);
  CHECK_FALSE(args.take("GET"));
  CHECK_FALSE(args.take("N"));
  CHECK_FALSE(args.take("NXX"));
  CHECK(args.left() == 2);
  CHECK(args.take("NX"));
  CHECK(args.take("get"));
  CHECK_FALSE(args.more());
  CHECK_FALSE(args.take("GET"));
}

TEST_CASE("ArgumentCursor: a word that lacks its values is not taken") {
  const Words words{"LIMIT", "0"};
  ArgumentCursor args(words, 0);
  CHECK_FALSE(args.take("LIMIT", 2));
  CHECK(args.take("LIMIT", 1));
  CHECK(args.next() == "0");
}

TEST_CASE("ArgumentCursor: beyond the end is a syntax error") {
  const Words words{"EX"};
  ArgumentCursor args(words, 0);
  CHECK(args.take("EX"));
  CHECK_THROWS_WITH(args.next(), std::string(errors::kSyntax));
  args.finish();
  ArgumentCursor unread(words, 0);
  CHECK_THROWS_WITH(unread.finish(), std::string(errors::kSyntax));
}

TEST_CASE("ArgumentCursor: skipping stops at the end") {
  const Words words{"a", "b", "c"};
  ArgumentCursor args(words, 0);
  args.skip(2);
  CHECK(args.left() == 1);
  args.skip(2);
  CHECK_FALSE(args.more());
}

TEST_CASE("ArgumentCursor: one of several words is taken with what it means") {
  const Words words{"right", "up"};
  ArgumentCursor args(words, 0);
  CHECK(args.take(kSides) == Side::kRight);
  CHECK(args.take(kSides) == std::nullopt);
  CHECK(args.next() == "up");
}

TEST_CASE("to_choice: a word that is none of them is refused with the command's own text") {
  CHECK(to_choice("Left", kSides) == Side::kLeft);
  CHECK_THROWS_WITH(to_choice("up", kSides), std::string(errors::kSyntax));
  CHECK_THROWS_WITH(to_choice("up", kSides, "ERR which side?"), "ERR which side?");
  CHECK(find_choice("", kSides) == std::nullopt);
}

}  // namespace
}  // namespace bodega::redis::test
