#include "protocol/redis/replication/answered.h"

#include "engines/base/number_text.h"

namespace bodega::redis {

// A reply of ours, so it is well-formed.
Answered::Answered(std::string_view rest) {
  while (!rest.empty()) {
    const char kind = rest[0];
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(1, end - 1);
    const std::int64_t number = base::canonical_integer(line).value_or(-1);
    rest.remove_prefix(end + 2);
    if (kind == '*' || kind == '~' || kind == '%') {
      if (number > 0) {
        open_.push_back(kind == '%' ? number * 2 : number);
        continue;
      }
    } else if (kind == '$') {
      if (number >= 0) {
        texts_.push_back({std::string(rest.substr(0, static_cast<std::size_t>(number))), element_});
        rest.remove_prefix(static_cast<std::size_t>(number) + 2);
      }
    } else if (kind != '_') {
      texts_.push_back({std::string(line), element_});
    }
    end_element();
  }
}

void Answered::end_element() {
  while (!open_.empty()) {
    if (open_.size() == 1) ++element_;
    if (--open_.back() > 0) return;
    open_.pop_back();
  }
}

}  // namespace bodega::redis
