#include "protocol/redis/instance/exchanges.h"

#include <algorithm>
#include <vector>

#include "engines/base/log.h"
#include "protocol/redis/acl/user.h"
#include "protocol/redis/instance/redaction.h"
#include "protocol/redis/wire/quoting.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxLoggedBytes = 1024;
constexpr std::size_t kMaxLoggedArgumentBytes = 128;

// "EVAL": what a client sent for a name, fit for a line of the log.
void append_name(std::string& out, std::string_view word) {
  for (const char c : word.substr(0, kMaxNameBytes)) {
    const bool is_shown = c > 0x20 && c < 0x7f;
    out += !is_shown ? '?' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
}

}  // namespace

observe::Exchange exchange_of(const Session& session, const Command& command, Args args,
                              std::int64_t now_us) {
  observe::Exchange exchange;
  exchange.service = "redis";
  exchange.operation = command.name;
  if (session.user != nullptr) exchange.caller = session.user->name();
  exchange.started_us = now_us;
  const auto first = static_cast<std::size_t>(std::max(command.keys.first, 0));
  if (first > 0 && first < args.size()) exchange.resource = args[first];
  return exchange;
}

void add_answer(observe::Exchange& exchange, std::string_view failure, std::int64_t elapsed_us) {
  exchange.error_code = failure.substr(0, failure.find(' '));
  exchange.error_message = failure;
  exchange.elapsed_us = static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed_us, 0));
}

std::string loggable_command(const Command& command, Args args) {
  std::string line;
  append_name(line, args[0]);
  const std::vector<std::string_view> shown = redacted(command, args);
  for (std::size_t i = 1; i < shown.size(); ++i) {
    if (line.size() > kMaxLoggedBytes) {
      line += " (" + std::to_string(shown.size() - i) + " more)";
      break;
    }
    line += ' ' + quoted(shown[i].substr(0, kMaxLoggedArgumentBytes));
    if (shown[i].size() > kMaxLoggedArgumentBytes) {
      line += "(" + std::to_string(shown[i].size()) + " bytes)";
    }
  }
  return line;
}

observe::Exchange exchange_of_unknown(const Session& session, Args words, std::int64_t now_us) {
  observe::Exchange exchange;
  exchange.service = "redis";
  exchange.operation = "unknown";
  if (session.user != nullptr) exchange.caller = session.user->name();
  exchange.started_us = now_us;
  exchange.error_code = "ERR";
  for (const std::string_view word : words) {
    if (!exchange.missing.empty()) exchange.missing += ' ';
    append_name(exchange.missing, word);
  }
  exchange.error_message =
      std::string(words.size() > 1 ? "unknown subcommand " : "unknown command ") + exchange.missing;
  if (log::enabled(log::Level::kDebug)) exchange.request_line = exchange.missing;
  return exchange;
}

}  // namespace bodega::redis
