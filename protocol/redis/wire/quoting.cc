#include "protocol/redis/wire/quoting.h"

#include "engines/base/bytes.h"

namespace bodega::redis {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '\\':
      case '"':
        out.push_back('\\');
        out.push_back(c);
        break;
      case '\n': out.append("\\n"); break;
      case '\r': out.append("\\r"); break;
      case '\t': out.append("\\t"); break;
      case '\a': out.append("\\a"); break;
      case '\b': out.append("\\b"); break;
      default:
        if (c >= ' ' && c <= '~') {
          out.push_back(c);
        } else {
          out.append("\\x").append(base::to_hex({&c, 1}));
        }
    }
  }
  out.push_back('"');
  return out;
}

}  // namespace bodega::redis
