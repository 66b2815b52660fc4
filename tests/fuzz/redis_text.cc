// What is parsed inside Redis's arguments: glob patterns, ranges, quoted lines.
#include <array>
#include <string>
#include <vector>

#include "engines/base/check.h"
#include "protocol/redis/wire/errors.h"
#include "protocol/redis/wire/glob.h"
#include "protocol/redis/wire/resp_parser.h"
#include "protocol/redis/wire/score_range.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

void run(std::string_view bytes) {
  const std::string_view first = take_line(bytes);
  redis::glob_match(first, bytes);
  redis::glob_match(first, bytes, redis::Case::kInsensitive);
  BODEGA_CHECK(redis::glob_match("*", bytes));
  std::vector<std::string> words;
  redis::split_arguments(first, words);
  try {
    redis::parse_score_range(first, bytes);
  } catch (const redis::Error&) {
  }
  try {
    redis::parse_lex_range(first, bytes);
  } catch (const redis::Error&) {
  }
}

constexpr std::array<std::string_view, 6> kSeeds{
    "a*[b-d]?\\*\nabcd*",
    "[^a-\nx",
    "(1.5\n+inf",
    "[a\n(b",
    "\"a b\" 'c\\'d' \\x41\n-inf",
    "*a*a*a*a*a*a*b\naaaaaaaaaaaaaaaaaaaaaaaaaa",
};

}  // namespace

const Target kRedisText{"redis_text", run, kSeeds};

}  // namespace bodega::fuzz
