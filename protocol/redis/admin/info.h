// info_text: what INFO answers.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bodega::redis {

class Instance;

// The sections named (in any case), or the usual ones when none are. "all", "everything" and
// "default" are names, too.
std::string info_text(Instance& instance, std::span<const std::string_view> sections);

}  // namespace bodega::redis
