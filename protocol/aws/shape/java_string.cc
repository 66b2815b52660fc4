// Values as the services print them inside messages.
#include <string>

#include "engines/base/bytes.h"
#include "protocol/aws/shape/members.h"
#include "protocol/aws/shape/shape.h"

namespace bodega::aws {

std::string lower_first(std::string_view text) {
  std::string lower(text);
  if (!lower.empty() && lower[0] >= 'A' && lower[0] <= 'Z') {
    lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
  }
  return lower;
}

bool is_long(const std::string& out) { return out.size() > kMaxEchoBytes; }
std::string_view clipped(json::Node node) { return node.text().substr(0, kMaxEchoBytes + 1); }

namespace {

// Java prints a buffer, not the bytes in it.
void append_buffer(std::string& out, json::Node node) {
  const std::string size = std::to_string(base::from_base64(node.text()).value_or("").size());
  out += "java.nio.HeapByteBuffer[pos=0 lim=" + size + " cap=" + size + "]";
}

}  // namespace

void append_java_string(std::string& out, json::Node node, const Shape& shape, int depth) {
  if (!node.present()) {
    out += "null";
    return;
  }
  if (depth > kDeepestPrinted) {
    out += "...";
    return;
  }
  bool first = true;
  const auto comma = [&] {
    if (!first) out += ", ";
    first = false;
  };
  switch (shape.type) {
    case Shape::Type::kString:
    case Shape::Type::kDouble: out += clipped(node); return;
    case Shape::Type::kBlob: return append_buffer(out, node);
    case Shape::Type::kInteger:
    case Shape::Type::kLong: out += std::to_string(read_integer(node)); return;
    case Shape::Type::kBoolean:
      out += read_boolean(node).value_or(false) ? "true" : "false";
      return;
    case Shape::Type::kCustom: shape.custom->print(out, node, depth); return;
    case Shape::Type::kList:
      out += '[';
      for (json::Node child = node.first(); child.exists(); child = child.next()) {
        if (is_long(out)) break;
        comma();
        append_java_string(out, child, *shape.element, depth + 1);
      }
      out += ']';
      return;
    case Shape::Type::kMap:
      out += '{';
      for (json::Node name = node.first(); name.exists(); name = name.next()) {
        if (is_long(out)) break;
        comma();
        out += clipped(name);
        out += '=';
        name = name.next();
        append_java_string(out, name, *shape.element, depth + 1);
      }
      out += '}';
      return;
    case Shape::Type::kStructure:
      out += shape.name;
      out += '(';
      for (const Member& member : shape.members) {
        const json::Node child = node.find(member.name);
        if (!child.present()) continue;
        comma();
        out += lower_first(member.name);
        out += '=';
        append_java_string(out, child, *member.shape, depth + 1);
      }
      out += ')';
      return;
  }
}

std::string java_string(json::Node node, const Shape& shape) {
  std::string out;
  append_java_string(out, node, shape, 0);
  if (is_long(out)) {
    out.resize(kMaxEchoBytes);
    out += "...";
  }
  return out;
}

}  // namespace bodega::aws
