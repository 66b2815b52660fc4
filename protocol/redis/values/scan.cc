// SCAN, and the options that all SCAN commands share.
#include "protocol/redis/values/scan.h"

#include <string>
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/glob.h"

namespace bodega::redis {

bool ScanOptions::matches(std::string_view text) const {
  return !match || glob_match(*match, text);
}

ScanOptions parse_scan(Args args, std::size_t cursor_at, ScanKind kind) {
  ScanOptions out;
  out.cursor = to_cursor(args[cursor_at]);
  ArgumentCursor options(args, cursor_at + 1);
  while (options.more()) {
    if (options.take("COUNT")) {
      out.count = to_integer(options.next());
      if (out.count < 1) throw Error(errors::kSyntax);
    } else if (options.take("MATCH")) {
      out.match = options.next();
      if (*out.match == "*") out.match.reset();
    } else if (kind == ScanKind::kKeys && options.take("TYPE")) {
      out.type = options.next();
    } else if (kind == ScanKind::kHash && options.take("NOVALUES")) {
      out.no_values = true;
    } else if (kind == ScanKind::kSortedSet && options.take("NOSCORES")) {
      out.no_values = true;
    } else {
      throw Error(errors::kSyntax);
    }
  }
  return out;
}

namespace {

void scan(Call& call) {
  const ScanOptions options = parse_scan(call.args, 1, ScanKind::kKeys);
  std::vector<std::string> found;
  const std::uint64_t next =
      call.keyspace.scan(call.db, options.cursor, static_cast<std::size_t>(options.count),
                         [&](const keyspace::Entry& entry) {
                           if (!is_shown(call, entry.key())) return;
                           if (options.type && !is_word(*options.type, name_of(entry.type())))
                             return;
                           if (options.matches(entry.key())) found.emplace_back(entry.key());
                         });
  call.reply.array(2);
  call.reply.bulk(std::to_string(next));
  call.reply.array(found.size());
  for (const auto& key : found) call.reply.bulk(key);
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "scan", .arity = -2, .flags = kReadonly, .group = Group::kGeneric, .since = "2.8.0",
     .summary = "Goes through the keys of the database in steps.", .run = scan},
};
// clang-format on

}  // namespace

std::span<const Command> scan_commands() { return kCommands; }

}  // namespace bodega::redis
