#include "server/seed/document.h"

#include <yaml.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "engines/base/number_text.h"
#include "protocol/json/json.h"

namespace bodega::server {
namespace {

constexpr std::size_t kMaxDepth = 100;

std::string_view view_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

struct Event : yaml_event_t {
  Event() : yaml_event_t{} {}
  ~Event() { yaml_event_delete(this); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  std::size_t line() const { return start_mark.line + 1; }
};

class Reader {
 public:
  explicit Reader(std::string_view text) {
    if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~Reader() { yaml_parser_delete(&parser_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Node document() {
    expect(YAML_STREAM_START_EVENT);
    Event start;
    next(start);
    Node root;
    root.line = 1;
    if (start.type == YAML_STREAM_END_EVENT) return root;
    {
      Event first;
      next(first);
      root = node(first, 0);
    }
    expect(YAML_DOCUMENT_END_EVENT);
    Event end;
    next(end);
    if (end.type != YAML_STREAM_END_EVENT) {
      throw SeedError(end.line(), "a second document begins; a seed file is one");
    }
    return root;
  }

 private:
  void next(Event& event) {
    if (yaml_parser_parse(&parser_, &event) != 0) return;
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    std::string what = parser_.problem == nullptr ? "it cannot be read" : parser_.problem;
    if (parser_.context != nullptr) what = std::string(parser_.context) + ": " + what;
    throw SeedError(parser_.problem_mark.line + 1, what);
  }

  void expect(yaml_event_type_t type) {
    Event event;
    next(event);
    if (event.type != type) throw SeedError(event.line(), "a document was expected");
  }

  static void refuse_anchor(const Event& event, const yaml_char_t* anchor) {
    if (anchor != nullptr) throw SeedError(event.line(), "anchors (&) are not supported");
  }

  Node node(const Event& event, std::size_t depth) {
    if (depth > kMaxDepth) throw SeedError(event.line(), "lists and maps are too deep");
    switch (event.type) {
      case YAML_SCALAR_EVENT: return scalar(event);
      case YAML_SEQUENCE_START_EVENT: return list(event, depth);
      case YAML_MAPPING_START_EVENT: return map(event, depth);
      case YAML_ALIAS_EVENT: throw SeedError(event.line(), "aliases (*) are not supported");
      default: throw SeedError(event.line(), "a value was expected");
    }
  }

  static Node scalar(const Event& event) {
    const auto& data = event.data.scalar;
    refuse_anchor(event, data.anchor);
    Node scalar;
    scalar.line = event.line();
    scalar.text.assign(reinterpret_cast<const char*>(data.value), data.length);
    if (data.style != YAML_PLAIN_SCALAR_STYLE) scalar.style = Node::Style::kText;
    const std::string_view tag = view_of(data.tag);
    if (tag == YAML_STR_TAG || tag == "!") {
      scalar.style = Node::Style::kText;
    } else if (tag == "tag:yaml.org,2002:binary") {
      scalar.style = Node::Style::kBinary;
      std::erase_if(scalar.text, [](char c) { return c == '\n' || c == ' '; });
    } else if (!tag.empty()) {
      throw SeedError(event.line(),
                      "the tag " + std::string(tag) + " is not supported: !!str and !!binary are");
    }
    return scalar;
  }

  static void refuse_tag(const Event& event, const yaml_char_t* tag) {
    if (tag == nullptr) return;
    throw SeedError(event.line(), "the tag " + std::string(view_of(tag)) + " is not supported");
  }

  Node list(const Event& event, std::size_t depth) {
    refuse_anchor(event, event.data.sequence_start.anchor);
    refuse_tag(event, event.data.sequence_start.tag);
    Node list;
    list.kind = Node::Kind::kList;
    list.line = event.line();
    for (;;) {
      Event element;
      next(element);
      if (element.type == YAML_SEQUENCE_END_EVENT) return list;
      list.elements.push_back(node(element, depth + 1));
    }
  }

  Node map(const Event& event, std::size_t depth) {
    refuse_anchor(event, event.data.mapping_start.anchor);
    refuse_tag(event, event.data.mapping_start.tag);
    Node map;
    map.kind = Node::Kind::kMap;
    map.line = event.line();
    for (;;) {
      Event name;
      next(name);
      if (name.type == YAML_MAPPING_END_EVENT) return map;
      if (name.type != YAML_SCALAR_EVENT) {
        throw SeedError(name.line(), "the name of a member is a text");
      }
      Member member{scalar(name).text, name.line(), {}};
      if (map.find(member.name) != nullptr) {
        throw SeedError(name.line(), "\"" + member.name + "\" is there twice");
      }
      Event value;
      next(value);
      member.value = node(value, depth + 1);
      map.members.push_back(std::move(member));
    }
  }

  yaml_parser_t parser_;
};

// JSON writes a character beyond 16 bits as two escapes, which YAML knows not: they become YAML's
// single one. Everything else of JSON is YAML.
std::string without_pairs(std::string_view text) {
  const auto unit_at = [text](std::size_t at) -> std::optional<std::uint32_t> {
    if (text.size() < at + 6 || text.substr(at, 2) != "\\u") return std::nullopt;
    return base::parse_integer<std::uint32_t>(text.substr(at + 2, 4), 16);
  };
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto high = unit_at(at);
    const auto low = high ? unit_at(at + 6) : std::nullopt;
    if (low && (*high & 0xfc00) == 0xd800 && (*low & 0xfc00) == 0xdc00) {
      char escape[11];
      std::snprintf(escape, sizeof escape, "\\U%08X",
                    0x10000 + ((*high & 0x3ff) << 10 | (*low & 0x3ff)));
      out += escape;
      at += 12;
      continue;
    }
    const std::size_t length = text[at] == '\\' ? 2 : 1;
    out += text.substr(at, length);
    at += length;
  }
  return out;
}

}  // namespace

bool Node::is_null() const {
  return is_scalar() && style == Style::kPlain &&
         (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

std::optional<bool> Node::boolean() const {
  if (!is_scalar() || style != Style::kPlain) return std::nullopt;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

// What JSON takes for a number: "007", "0x7" and "1_000" are texts.
bool Node::is_number() const {
  if (!is_scalar() || style != Style::kPlain || text.empty()) return false;
  if (text[0] != '-' && (text[0] < '0' || text[0] > '9')) return false;
  const auto parsed = json::Document::parse(text);
  return parsed && parsed->root().is_number();
}

const Node* Node::find(std::string_view name) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [name](const Member& one) { return one.name == name; });
  return found == members.end() ? nullptr : &found->value;
}

Node read_document(std::string_view text, Syntax syntax) {
  if (syntax == Syntax::kYaml) return Reader(text).document();
  const std::string converted = without_pairs(text);
  return Reader(converted).document();
}

void write_json(std::string& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::kList: {
      json::Array array(out);
      for (const Node& element : node.elements) write_json(array.next(), element);
      return;
    }
    case Node::Kind::kMap: {
      json::Object object(out);
      for (const Member& member : node.members) write_json(object.name(member.name), member.value);
      return;
    }
    case Node::Kind::kScalar: break;
  }
  if (node.is_null()) {
    out += "null";
  } else if (const auto truth = node.boolean()) {
    json::write_bool(out, *truth);
  } else if (node.is_number()) {
    out += node.text;
  } else {
    json::write_string(out, node.text);
  }
}

std::string to_json(const Node& node) {
  std::string out;
  write_json(out, node);
  return out;
}

}  // namespace bodega::server
