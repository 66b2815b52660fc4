// LCS: the longest common subsequence of two strings, by the textbook's table of lengths.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

struct Options {
  bool indexes = false;
  bool length_only = false;
  bool with_match_length = false;
  std::int64_t least_match = 0;
};

Options parse_options(ArgumentCursor args) {
  Options out;
  while (args.more()) {
    if (args.take("IDX")) {
      out.indexes = true;
    } else if (args.take("LEN")) {
      out.length_only = true;
    } else if (args.take("WITHMATCHLEN")) {
      out.with_match_length = true;
    } else if (args.take("MINMATCHLEN")) {
      out.least_match = std::max<std::int64_t>(to_integer(args.next()), 0);
    } else {
      throw Error(errors::kSyntax);
    }
  }
  if (out.indexes && out.length_only) {
    throw Error("ERR If you want both the length and indexes, please just use IDX.");
  }
  return out;
}

// Absent when the key holds no string.
std::optional<std::string> text_of(Call& call, std::string_view key) {
  const keyspace::Entry* entry = find_read(call, key);
  if (entry == nullptr) return std::string();
  if (!entry->is(keyspace::Type::kString)) return std::nullopt;
  return entry->str();
}

// lengths[i][j]: of the subsequence common to the first i bytes of `a` and the first j of `b`.
class Table {
 public:
  Table(std::string_view a, std::string_view b) : width_(b.size() + 1) {
    lengths_.resize((a.size() + 1) * width_);
    for (std::size_t i = 1; i <= a.size(); ++i) {
      for (std::size_t j = 1; j <= b.size(); ++j) {
        lengths_[i * width_ + j] =
            a[i - 1] == b[j - 1] ? at(i - 1, j - 1) + 1 : std::max(at(i - 1, j), at(i, j - 1));
      }
    }
  }
  std::uint32_t at(std::size_t i, std::size_t j) const { return lengths_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::uint32_t> lengths_;
};

// A run of bytes that match, in both strings; ends are inclusive.
struct Run {
  std::size_t a_start, a_end, b_start, b_end;
};

void reply_runs(Call& call, const Options& options, const std::vector<Run>& runs,
                std::uint32_t length) {
  call.reply.map(2);
  call.reply.bulk("matches");
  const auto outer = call.reply.defer();
  std::size_t count = 0;
  for (const Run& run : runs) {
    const std::size_t matched = run.a_end - run.a_start + 1;
    if (static_cast<std::int64_t>(matched) < options.least_match) continue;
    ++count;
    call.reply.array(options.with_match_length ? 3 : 2);
    for (const auto& [start, end] : {std::pair{run.a_start, run.a_end}, {run.b_start, run.b_end}}) {
      call.reply.array(2);
      call.reply.integer(static_cast<std::int64_t>(start));
      call.reply.integer(static_cast<std::int64_t>(end));
    }
    if (options.with_match_length) call.reply.integer(static_cast<std::int64_t>(matched));
  }
  call.reply.close(outer, count);
  call.reply.bulk("len");
  call.reply.integer(length);
}

void lcs(Call& call) {
  const auto first = text_of(call, call.arg(1));
  const auto second = text_of(call, call.arg(2));
  if (!first || !second) throw Error("ERR The specified keys must contain string values");
  const std::string& a = *first;
  const std::string& b = *second;
  const Options options = parse_options({call.args, 3});
  const auto limit =
      static_cast<std::uint64_t>(call.instance.parameters().live().proto_max_bulk_len);
  if ((a.size() + 1) > limit / sizeof(std::uint32_t) / (b.size() + 1)) {
    throw Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  }
  const Table table(a, b);
  const std::uint32_t length = table.at(a.size(), b.size());
  if (options.length_only) return call.reply.integer(length);

  // Back from the end of both: a match joins the run that is open, anything else ends it.
  std::string common(length, '\0');
  std::vector<Run> runs;
  bool open = false;
  std::size_t left = length;
  for (std::size_t i = a.size(), j = b.size(); i > 0 && j > 0;) {
    if (a[i - 1] == b[j - 1]) {
      common[--left] = a[i - 1];
      if (open) {
        runs.back().a_start = i - 1;
        runs.back().b_start = j - 1;
      } else {
        runs.push_back({i - 1, i - 1, j - 1, j - 1});
        open = true;
      }
      --i;
      --j;
      continue;
    }
    open = false;
    if (table.at(i - 1, j) > table.at(i, j - 1)) {
      --i;
    } else {
      --j;
    }
  }
  if (options.indexes) return reply_runs(call, options, runs, length);
  call.reply.bulk(common);
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "lcs", .arity = -3, .flags = kReadonly, .group = Group::kString,
     .keys = {1, 2, 1, kKeyRO | kKeyAccess, 0}, .since = "7.0.0",
     .summary = "Finds the longest common subsequence of two strings.", .run = lcs},
};
// clang-format on

}  // namespace

std::span<const Command> lcs_commands() { return kCommands; }

}  // namespace bodega::redis
