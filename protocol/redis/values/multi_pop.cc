#include "protocol/redis/values/multi_pop.h"

#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {

MultiPop parse_multi_pop(const Call& call, std::size_t at, std::string_view front,
                         std::string_view back) {
  const std::int64_t numkeys = to_integer_in(call.arg(at), 1, kMaxInteger, errors::kNumkeys);
  if (numkeys >= static_cast<std::int64_t>(call.size() - at) - 1) throw Error(errors::kSyntax);
  MultiPop out;
  out.keys = call.args.subspan(at + 1, static_cast<std::size_t>(numkeys));
  ArgumentCursor args(call.args, at + 1 + out.keys.size());
  if (args.take(back)) {
    out.end = keyspace::End::kBack;
  } else if (!args.take(front)) {
    throw Error(errors::kSyntax);
  }
  if (args.take("COUNT", 1)) {
    out.count = to_integer_in(args.next(), 1, kMaxInteger, "ERR count should be greater than 0");
  }
  args.finish();
  return out;
}

}  // namespace bodega::redis
