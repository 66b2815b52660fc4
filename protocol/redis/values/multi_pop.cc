#include "protocol/redis/values/multi_pop.h"

#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {

MultiPop parse_multi_pop(const Call& call, std::size_t at, std::string_view front,
                         std::string_view back) {
  const std::int64_t numkeys = to_integer_in(call.arg(at), 1, kMaxInteger, errors::kNumkeys);
  if (numkeys >= static_cast<std::int64_t>(call.size() - at) - 1) throw Error(errors::kSyntax);
  MultiPop out;
  out.keys = call.args.subspan(at + 1, static_cast<std::size_t>(numkeys));
  std::size_t next = at + 1 + static_cast<std::size_t>(numkeys);
  if (is_word(call.arg(next), back)) {
    out.end = keyspace::End::kBack;
  } else if (!is_word(call.arg(next), front)) {
    throw Error(errors::kSyntax);
  }
  bool counted = false;
  for (++next; next < call.size(); next += 2) {
    if (counted || !is_word(call.arg(next), "COUNT") || next + 1 >= call.size()) {
      throw Error(errors::kSyntax);
    }
    counted = true;
    out.count =
        to_integer_in(call.arg(next + 1), 1, kMaxInteger, "ERR count should be greater than 0");
  }
  return out;
}

}  // namespace bodega::redis
