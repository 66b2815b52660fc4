// Writes XML by appending to one string: no tree, no namespaces beyond an attribute, escapes as S3
// writes them. Elements that are open are remembered, so close() needs no name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::xml {

class Writer {
 public:
  // Starts with <?xml version="1.0" encoding="UTF-8"?> and a line feed, as AWS does.
  Writer();

  // Opens <name> or <name xmlns="…">. Names are static text: they are kept as views.
  Writer& open(std::string_view name, std::string_view xmlns = {});
  // Opens an element with any attributes, given as they stand in the tag (already escaped).
  Writer& open_with(std::string_view name, std::string_view attributes);
  Writer& close();

  // <name>value</name>, the value escaped.
  Writer& element(std::string_view name, std::string_view value);
  Writer& element(std::string_view name, const char* value) {
    return element(name, std::string_view(value));
  }
  Writer& number(std::string_view name, std::uint64_t value);
  Writer& boolean(std::string_view name, bool value);
  // <name/>
  Writer& empty(std::string_view name);
  // Escaped text inside the element that is open.
  Writer& text(std::string_view value);

  // Markup as it is, inside the element that is open. REQUIRES: it is well-formed.
  Writer& markup(std::string_view text);

  // Closes what is open and gives the document away.
  std::string take();

 private:
  std::string out_;
  std::vector<std::string_view> open_;
};

// Appends `text` with & < > " escaped, a carriage return as &#13; and other control characters as
// numeric references (XML 1.0 has no other way to carry them, and S3 keys may hold them).
void append_escaped(std::string& out, std::string_view text);

}  // namespace bodega::xml
