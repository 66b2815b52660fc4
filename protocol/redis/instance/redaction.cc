#include "protocol/redis/instance/redaction.h"

#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

constexpr std::string_view kRedacted = "(redacted)";

bool is_secret_setting(std::string_view name) {
  return is_word(name, "requirepass") || is_word(name, "masterauth") ||
         is_word(name, "masteruser") || is_word(name, "tls-key-file-pass") ||
         is_word(name, "tls-client-key-file-pass");
}

}  // namespace

std::vector<std::string_view> redacted(const Command& command, Args args) {
  std::vector<std::string_view> out(args.begin(), args.end());
  if (command.name == "auth") {
    for (std::size_t i = 1; i < out.size(); ++i) out[i] = kRedacted;
  } else if (command.name == "hello") {
    // Also where the user name was forgotten and the password stands in its place.
    for (std::size_t i = 1; i < out.size(); ++i) {
      if (!is_word(args[i], "AUTH")) continue;
      for (std::size_t j = i + 1; j < out.size() && j <= i + 2; ++j) out[j] = kRedacted;
      break;
    }
  } else if (command.name == "config|set") {
    // Wherever the name stands: a value that was forgotten before it moves the pairs.
    for (std::size_t i = 2; i + 1 < out.size(); ++i) {
      if (is_secret_setting(args[i])) out[i + 1] = kRedacted;
    }
  }
  return out;
}

}  // namespace bodega::redis
