#include "protocol/redis/wire/library_header.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/errors.h"
#include "protocol/redis/wire/resp_parser.h"

namespace bodega::redis {
namespace {

std::string name_among(const std::vector<std::string>& words) {
  constexpr std::string_view kName = "name=";
  std::optional<std::string> name;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < kName.size() || !is_word(word.substr(0, kName.size()), kName)) {
      throw Error("ERR Invalid metadata value given: " + word);
    }
    if (name) throw Error("ERR Invalid metadata value, name argument was given multiple times");
    name = word.substr(kName.size());
  }
  if (!name) throw Error("ERR Library name was not given");
  return *name;
}

}  // namespace

bool is_library_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

LibraryHeader parse_library(std::string_view code) {
  if (!code.starts_with("#!")) throw Error("ERR Missing library metadata");
  const std::size_t end = code.find('\n');
  if (end == std::string_view::npos) throw Error("ERR Invalid library metadata");
  std::vector<std::string> words;
  if (!split_arguments(code.substr(0, end), words) || words.empty()) {
    throw Error("ERR Invalid library metadata");
  }
  LibraryHeader out{name_among(words), code.substr(end)};
  if (!is_library_name(out.name)) throw Error("ERR " + std::string(kBadLibraryName));
  const std::string engine = words[0].substr(2);
  if (!is_word(engine, "lua")) throw Error("ERR Engine '" + engine + "' not found");
  return out;
}

}  // namespace bodega::redis
