#include "protocol/xml/writer.h"

#include "engines/base/check.h"

namespace bodega::xml {

void append_escaped(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::size_t start = 0;  // of the run that needs no escape
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    std::string_view escape;
    char numeric[6] = {'&', '#', 'x', 0, 0, 0};
    switch (byte) {
      case '&': escape = "&amp;"; break;
      case '<': escape = "&lt;"; break;
      case '>': escape = "&gt;"; break;
      case '"': escape = "&quot;"; break;
      case '\r': escape = "&#13;"; break;
      case '\n':
      case '\t': continue;
      default:
        if (byte >= 0x20) continue;
        if (byte >= 0x10) {
          numeric[3] = '1';
          numeric[4] = kDigits[byte & 15];
          numeric[5] = ';';
          escape = std::string_view(numeric, 6);
        } else {
          numeric[3] = kDigits[byte];
          numeric[4] = ';';
          escape = std::string_view(numeric, 5);
        }
    }
    out.append(text.substr(start, i - start)).append(escape);
    start = i + 1;
  }
  out.append(text.substr(start));
}

Writer::Writer() : out_("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") {}

Writer& Writer::open(std::string_view name, std::string_view xmlns) {
  out_.append("<").append(name);
  if (!xmlns.empty()) out_.append(" xmlns=\"").append(xmlns).append("\"");
  out_.append(">");
  open_.push_back(name);
  return *this;
}

Writer& Writer::open_with(std::string_view name, std::string_view attributes) {
  out_.append("<").append(name).append(" ").append(attributes).append(">");
  open_.push_back(name);
  return *this;
}

Writer& Writer::close() {
  BODEGA_CHECK(!open_.empty());
  out_.append("</").append(open_.back()).append(">");
  open_.pop_back();
  return *this;
}

Writer& Writer::element(std::string_view name, std::string_view value) {
  out_.append("<").append(name).append(">");
  append_escaped(out_, value);
  out_.append("</").append(name).append(">");
  return *this;
}

Writer& Writer::number(std::string_view name, std::uint64_t value) {
  return element(name, std::string_view(std::to_string(value)));
}

Writer& Writer::boolean(std::string_view name, bool value) {
  return element(name, std::string_view(value ? "true" : "false"));
}

Writer& Writer::empty(std::string_view name) {
  out_.append("<").append(name).append("/>");
  return *this;
}

Writer& Writer::text(std::string_view value) {
  append_escaped(out_, value);
  return *this;
}

Writer& Writer::markup(std::string_view text) {
  out_.append(text);
  return *this;
}

std::string Writer::take() {
  while (!open_.empty()) close();
  return std::move(out_);
}

}  // namespace bodega::xml
