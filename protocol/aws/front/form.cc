#include "protocol/aws/front/form.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

#include "engines/base/number_text.h"
#include "protocol/http/percent.h"

namespace bodega::aws {

namespace {

// A parameter's value, or those below it.
struct Branch {
  std::optional<std::string_view> value;
  std::map<std::string_view, Branch> below;

  const Branch* find(std::string_view name) const {
    const auto found = below.find(name);
    return found == below.end() ? nullptr : &found->second;
  }
};

bool grow(Branch& root, const http::QueryParameter& parameter) {
  if (!http::is_utf8(parameter.name) || !http::is_utf8(parameter.value)) return false;
  Branch* branch = &root;
  std::string_view rest = parameter.name;
  for (std::size_t depth = 0;; ++depth) {
    if (depth == kMaxFormDepth) return false;
    const std::size_t dot = rest.find('.');
    branch = &branch->below[rest.substr(0, dot)];
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (!branch->value) branch->value = parameter.value;
  return true;
}

// The numbered branches in their order.
std::vector<const Branch*> numbered(const Branch& branch) {
  std::vector<std::pair<std::uint64_t, const Branch*>> elements;
  for (const auto& [name, below] : branch.below) {
    if (const auto number = base::parse_integer<std::uint64_t>(name)) {
      elements.emplace_back(*number, &below);
    }
  }
  std::sort(elements.begin(), elements.end());
  std::vector<const Branch*> out;
  for (const auto& [number, element] : elements) out.push_back(element);
  return out;
}

void write(std::string& out, const Branch& branch, const Shape& shape);

void write_structure(std::string& out, const Branch& branch, const Shape& shape) {
  json::Object object(out);
  for (const Member& member : shape.members) {
    if (const Branch* below = branch.find(member.name)) {
      write(object.name(member.name), *below, *member.shape);
    }
  }
}

void write_list(std::string& out, const Branch& branch, const Shape& shape) {
  json::Array array(out);
  const Branch* members = branch.find("member");
  if (members == nullptr) return;
  for (const Branch* element : numbered(*members)) write(array.next(), *element, *shape.element);
}

void write_map(std::string& out, const Branch& branch, const Shape& shape) {
  json::Object object(out);
  const Branch* entries = branch.find("entry");
  if (entries == nullptr) return;
  for (const Branch* entry : numbered(*entries)) {
    const Branch* key = entry->find("key");
    const Branch* value = entry->find("value");
    if (key == nullptr || value == nullptr) continue;
    write(object.name(key->value.value_or("")), *value, *shape.element);
  }
}

// A number that is none stays a string, of which the check of types then says so.
void write_number(std::string& out, std::string_view text) {
  if (const auto number = base::parse_integer<std::int64_t>(text)) {
    json::write_int(out, *number);
  } else {
    json::write_string(out, text);
  }
}

void write(std::string& out, const Branch& branch, const Shape& shape) {
  const std::string_view text = branch.value.value_or("");
  switch (shape.type) {
    case Shape::Type::kStructure: return write_structure(out, branch, shape);
    case Shape::Type::kList: return write_list(out, branch, shape);
    case Shape::Type::kMap: return write_map(out, branch, shape);
    case Shape::Type::kInteger:
    case Shape::Type::kLong:
    case Shape::Type::kDouble: return write_number(out, text);
    case Shape::Type::kString:
    case Shape::Type::kBlob:
    case Shape::Type::kBoolean:
    case Shape::Type::kCustom: return json::write_string(out, text);
  }
}

}  // namespace

std::optional<std::string> form_as_json(const http::Query& form, const Shape& input) {
  Branch root;
  std::size_t count = 0;
  for (const http::QueryParameter& parameter : form) {
    if (++count > kMaxFormParameters || !grow(root, parameter)) return std::nullopt;
  }
  std::string out;
  write_structure(out, root, input);
  return out;
}

}  // namespace bodega::aws
