// A seed file as it was written: scalars, lists and maps, each with its line. YAML and JSON are
// read by the same parser, libyaml.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::server {

// What is wrong with a seed file, or with carrying it out, and the line that says so.
class SeedError : public std::runtime_error {
 public:
  SeedError(std::size_t line, const std::string& what) : std::runtime_error(what), line_(line) {}
  std::size_t line() const { return line_; }

 private:
  std::size_t line_;
};

struct Member;

struct Node {
  enum class Kind : std::uint8_t { kScalar, kList, kMap };
  // How a scalar is to be understood: kPlain says it by its looks (null, true, 5), the others are
  // text, or bytes in Base64 (!!binary).
  enum class Style : std::uint8_t { kPlain, kText, kBinary };

  Kind kind = Kind::kScalar;
  Style style = Style::kPlain;
  std::size_t line = 0;  // from 1
  std::string text;      // of a scalar
  std::vector<Node> elements;
  std::vector<Member> members;  // in the order of the file; no name comes twice

  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  // These are false of texts.
  bool is_null() const;
  std::optional<bool> boolean() const;
  bool is_number() const;  // as JSON has them; keeps its text

  const Node* find(std::string_view name) const;
};

struct Member {
  std::string name;
  std::size_t line = 0;
  Node value;
};

enum class Syntax : std::uint8_t { kYaml, kJson };

// Throws SeedError where the text is neither, or has what is not supported: anchors, tags other
// than !!str and !!binary, several documents.
Node read_document(std::string_view text, Syntax syntax);

// The value as JSON.
void write_json(std::string& out, const Node& node);
std::string to_json(const Node& node);

}  // namespace bodega::server
