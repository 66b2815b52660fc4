#include "protocol/xml/reader.h"

#include <algorithm>
#include <pugixml.hpp>

namespace bodega::xml {
namespace {

// White space alone is kept when it is all an element has: a key may be one space.
constexpr unsigned kParseFlags = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                 pugi::parse_wconv_attribute | pugi::parse_ws_pcdata_single |
                                 pugi::parse_doctype;

std::string_view local_name(const char* name) {
  const std::string_view whole(name);
  const std::size_t colon = whole.rfind(':');
  return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

}  // namespace

std::string_view Element::name() const { return local_name(pugi::xml_node(node_).name()); }

std::string Element::text() const {
  std::string out;
  for (const pugi::xml_node& child : pugi::xml_node(node_)) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      out += child.value();
    }
  }
  return out;
}

Element Element::child(std::string_view name) const {
  for (const pugi::xml_node& child : pugi::xml_node(node_)) {
    if (child.type() == pugi::node_element && local_name(child.name()) == name) {
      return Element(child.internal_object());
    }
  }
  return Element();
}

std::vector<Element> Element::children(std::string_view name) const {
  std::vector<Element> out;
  for (const pugi::xml_node& child : pugi::xml_node(node_)) {
    if (child.type() == pugi::node_element && local_name(child.name()) == name) {
      out.emplace_back(child.internal_object());
    }
  }
  return out;
}

std::vector<Element> Element::children() const {
  std::vector<Element> out;
  for (const pugi::xml_node& child : pugi::xml_node(node_)) {
    if (child.type() == pugi::node_element) out.emplace_back(child.internal_object());
  }
  return out;
}

std::optional<std::string> Element::attribute(std::string_view name) const {
  for (const pugi::xml_attribute& attribute : pugi::xml_node(node_).attributes()) {
    if (local_name(attribute.name()) == name) return std::string(attribute.value());
  }
  return std::nullopt;
}

Document::Document(std::unique_ptr<pugi::xml_document> tree) : tree_(std::move(tree)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

std::optional<Document> Document::parse(std::string_view text) {
  // A document with a zero byte would be cut there by the tree's C strings.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const auto markup =
      std::count(text.begin(), text.end(), '<') + std::count(text.begin(), text.end(), '=');
  if (static_cast<std::size_t>(markup) > kMaxMarkup) return std::nullopt;
  auto tree = std::make_unique<pugi::xml_document>();
  const auto result = tree->load_buffer(text.data(), text.size(), kParseFlags);
  if (!result) return std::nullopt;
  int elements = 0;
  for (const pugi::xml_node& node : *tree) {
    if (node.type() == pugi::node_doctype) return std::nullopt;
    if (node.type() == pugi::node_element) ++elements;
  }
  if (elements != 1) return std::nullopt;
  return Document(std::move(tree));
}

Element Document::root() const { return Element(tree_->document_element().internal_object()); }

}  // namespace bodega::xml
