#include "protocol/redis/wire/help.h"

#include <string>

namespace bodega::redis {

void reply_help(Call& call, std::initializer_list<std::string_view> lines) {
  std::string name(call.arg(0));
  for (char& c : name) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  call.reply.array(lines.size() + 3);
  call.reply.simple(name + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:");
  for (const auto line : lines) call.reply.simple(line);
  call.reply.simple("HELP");
  call.reply.simple("    Print this help.");
}

}  // namespace bodega::redis
