// The types of a request's values, and what the services say of a wrong one.
#include <string>

#include "engines/base/bytes.h"
#include "protocol/aws/shape/members.h"
#include "protocol/aws/shape/shape.h"

namespace bodega::aws {

namespace {

[[noreturn]] void bad_type(std::string message) { throw TypeFault{std::move(message)}; }

std::string_view scalar_name(json::Kind kind) {
  switch (kind) {
    case json::Kind::kTrue: return "TRUE_VALUE";
    case json::Kind::kFalse: return "FALSE_VALUE";
    case json::Kind::kInteger: return "NUMBER_VALUE";
    case json::Kind::kDecimal: return "DECIMAL_VALUE";
    case json::Kind::kString: return "STRING_VALUE";
    case json::Kind::kNull:
    case json::Kind::kArray:
    case json::Kind::kObject: break;
  }
  return "NULL_VALUE";
}

[[noreturn]] void bad_scalar(json::Node node, std::string_view wanted) {
  if (node.is_array()) {
    bad_type("Unrecognized collection type class java.lang." + std::string(wanted));
  }
  if (node.is_object()) bad_type("Start of structure or map found where not expected");
  bad_type(std::string(scalar_name(node.kind())) + " cannot be converted to " +
           std::string(wanted));
}

constexpr std::string_view kGenericCast =
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class "
    "java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and "
    "java.lang.Class are in module java.base of loader 'bootstrap')";

void check_number(json::Node node, std::string_view wanted) {
  if (node.present() && !node.is_number()) bad_scalar(node, wanted);
}

class TypeChecker {
 public:
  explicit TypeChecker(std::string_view package) : package_(package) {}

  void check(json::Node node, const Shape& shape, Place place) const {
    if (!node.present()) return;
    switch (shape.type) {
      case Shape::Type::kString: return check_string(node);
      case Shape::Type::kBlob: return check_blob(node);
      case Shape::Type::kBoolean: return check_boolean(node);
      case Shape::Type::kInteger: return check_number(node, "Integer");
      case Shape::Type::kLong: return check_number(node, "Long");
      case Shape::Type::kDouble: return check_number(node, "Double");
      case Shape::Type::kCustom: return shape.custom->check(node, place);
      case Shape::Type::kList: return list(node, shape, place);
      case Shape::Type::kMap: return map(node, shape, place);
      case Shape::Type::kStructure: return structure(node, shape, place);
    }
  }

 private:
  void list(json::Node node, const Shape& shape, Place place) const {
    if (node.is_object()) bad_type("Start of structure or map found where not expected");
    if (!node.is_array()) {
      bad_type(place == Place::kElement ? std::string(kGenericCast) : "Unexpected field type");
    }
    for (json::Node child = node.first(); child.exists(); child = child.next()) {
      check(child, *shape.element, Place::kElement);
    }
  }

  void map(json::Node node, const Shape& shape, Place place) const {
    if (node.is_array()) bad_type("Unrecognized collection type " + java_type(shape));
    if (!node.is_object()) {
      bad_type(place == Place::kElement ? std::string(kGenericCast) : "Unexpected field type");
    }
    for (json::Node name = node.first(); name.exists(); name = name.next()) {
      name = name.next();
      check(name, *shape.element, Place::kElement);
    }
  }

  void structure(json::Node node, const Shape& shape, Place place) const {
    if (node.is_array()) bad_type("Unrecognized collection type class " + java_type(shape));
    if (!node.is_object()) {
      bad_type(place == Place::kElement ? "Unexpected value type in payload"
                                        : "Unexpected field type");
    }
    for (const Member& member : shape.members) {
      check(node.find(member.name), *member.shape, Place::kMember);
    }
  }

  // How Java names the type of a map's values or a list's elements.
  std::string java_type(const Shape& shape) const {
    switch (shape.type) {
      case Shape::Type::kString: return "java.lang.String";
      case Shape::Type::kBlob: return "java.nio.ByteBuffer";
      case Shape::Type::kBoolean: return "java.lang.Boolean";
      case Shape::Type::kInteger: return "java.lang.Integer";
      case Shape::Type::kLong: return "java.lang.Long";
      case Shape::Type::kDouble: return "java.lang.Double";
      case Shape::Type::kList: return "java.util.List<" + java_type(*shape.element) + ">";
      case Shape::Type::kMap:
        return "java.util.Map<java.lang.String, " + java_type(*shape.element) + ">";
      case Shape::Type::kStructure: return std::string(package_) + std::string(shape.name);
      case Shape::Type::kCustom:
        return std::string(package_) + std::string(shape.custom->java_name);
    }
    return {};
  }

  std::string_view package_;
};

}  // namespace

void check_string(json::Node node) {
  if (node.present() && !node.is_string()) bad_scalar(node, "String");
}

void check_boolean(json::Node node) {
  if (!node.present()) return;
  if (node.kind() == json::Kind::kTrue || node.kind() == json::Kind::kFalse) return;
  if (node.is_string()) {
    if (!read_boolean(node)) bad_type("Unexpected token received from parser");
    return;
  }
  bad_scalar(node, "Boolean");
}

void check_blob(json::Node node) {
  if (!node.present()) return;
  if (node.is_array()) bad_type("Unrecognized collection type class java.nio.ByteBuffer");
  if (node.is_object()) bad_type("Start of structure or map found where not expected");
  if (!node.is_string()) bad_type("only base-64-encoded strings are convertible to bytes");
  const std::string_view text = node.text();
  if (text.size() % 4 != 0) {
    bad_type("Base64 encoded length is expected a multiple of 4 bytes but found: " +
             std::to_string(text.size()));
  }
  if (!base::from_base64(text)) bad_type("Invalid last non-pad Base64 character dectected");
}

void check_list(json::Node node, void (*check)(json::Node)) {
  if (!node.present()) return;
  if (node.is_object()) bad_type("Start of structure or map found where not expected");
  if (!node.is_array()) bad_type("Unexpected field type");
  for (json::Node child = node.first(); child.exists(); child = child.next()) check(child);
}

void check_types(json::Node node, const Shape& shape, const Model& model) {
  try {
    TypeChecker(model.package).check(node, shape, Place::kMember);
  } catch (TypeFault& fault) {
    throw Error{model.type_error, std::move(fault.message)};
  }
}

}  // namespace bodega::aws
