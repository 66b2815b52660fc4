// Reads small XML documents: request bodies. Namespaces and prefixes are ignored (`<a:Key>` is
// `<Key>`), a byte order mark and white space around the document are accepted, document type
// declarations and the entities they define are not.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pugi {
class xml_document;
struct xml_node_struct;
}  // namespace pugi

namespace bodega::xml {

// One element. A view into its Document, cheap to copy; an absent element has no name, no text and
// no children, so that lookups can be chained.
class Element {
 public:
  Element() = default;
  explicit Element(pugi::xml_node_struct* node) : node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }
  // Without a namespace prefix.
  std::string_view name() const;
  // All character data directly inside, entities resolved, not trimmed.
  std::string text() const;
  // The first child element of that name, or an absent element.
  Element child(std::string_view name) const;
  std::vector<Element> children(std::string_view name) const;
  std::vector<Element> children() const;
  // An attribute by its local name, e.g. "type" for xsi:type.
  std::optional<std::string> attribute(std::string_view name) const;

 private:
  pugi::xml_node_struct* node_ = nullptr;
};

// How many tags and attributes a document may have, counted as its `<` and `=`. The largest that S3
// knows, a list of 10,000 parts with all their sums, has 260,000; a tree costs a hundred bytes for
// each, so that megabytes of `<a/>` would be a hundred megabytes of memory.
inline constexpr std::size_t kMaxMarkup = 400'000;

class Document {
 public:
  // Returns nullopt when `text` is not one well-formed element with at most a prolog around it, or
  // has more than kMaxMarkup.
  static std::optional<Document> parse(std::string_view text);

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Element root() const;

 private:
  explicit Document(std::unique_ptr<pugi::xml_document> tree);
  std::unique_ptr<pugi::xml_document> tree_;
};

}  // namespace bodega::xml
