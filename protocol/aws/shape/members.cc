#include "protocol/aws/shape/members.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

#include "engines/base/number_text.h"
#include "engines/base/text.h"

namespace bodega::aws {

std::optional<bool> read_boolean(json::Node node) {
  if (node.kind() == json::Kind::kTrue) return true;
  if (node.kind() == json::Kind::kFalse) return false;
  if (!node.is_string()) return std::nullopt;
  constexpr std::array<std::string_view, 3> kYes{"true", "1", "yes"};
  constexpr std::array<std::string_view, 3> kNo{"false", "0", "no"};
  for (const auto word : kYes) {
    if (base::equals_ignoring_case(node.text(), word)) return true;
  }
  for (const auto word : kNo) {
    if (base::equals_ignoring_case(node.text(), word)) return false;
  }
  return std::nullopt;
}

std::int64_t read_integer(json::Node node) {
  const std::string_view text = node.text();
  if (const auto value = base::parse_integer<std::int64_t>(text)) return *value;
  const double wide = std::floor(std::strtod(std::string(text).c_str(), nullptr));
  if (wide >= 9.2e18) return INT64_MAX;
  if (wide <= -9.2e18) return INT64_MIN + 1;
  return static_cast<std::int64_t>(wide);
}

std::optional<std::string_view> string_member(json::Node node, std::string_view name) {
  const json::Node member = node.find(name);
  if (!member.present()) return std::nullopt;
  return member.text();
}

std::string_view string_or(json::Node node, std::string_view name, std::string_view otherwise) {
  return string_member(node, name).value_or(otherwise);
}

bool flag_member(json::Node node, std::string_view name) {
  const json::Node member = node.find(name);
  return member.present() && read_boolean(member).value_or(false);
}

std::optional<std::int64_t> integer_member(json::Node node, std::string_view name) {
  const json::Node member = node.find(name);
  if (!member.present()) return std::nullopt;
  return read_integer(member);
}

bool has_member(json::Node node, std::string_view name) { return node.find(name).present(); }

}  // namespace bodega::aws
