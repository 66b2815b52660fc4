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
  for (std::size_t i = cursor_at + 1; i < args.size(); ++i) {
    const bool has_value = i + 1 < args.size();
    if (is_word(args[i], "COUNT") && has_value) {
      out.count = to_integer(args[++i]);
      if (out.count < 1) throw Error(errors::kSyntax);
    } else if (is_word(args[i], "MATCH") && has_value) {
      out.match = args[++i];
      if (*out.match == "*") out.match.reset();
    } else if (kind == ScanKind::kKeys && is_word(args[i], "TYPE") && has_value) {
      out.type = args[++i];
    } else if (kind == ScanKind::kHash && is_word(args[i], "NOVALUES")) {
      out.no_values = true;
    } else if (kind == ScanKind::kSortedSet && is_word(args[i], "NOSCORES")) {
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
