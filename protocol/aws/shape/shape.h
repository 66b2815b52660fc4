// What a request may look like, as facts in tables: types, required members, lengths, ranges,
// patterns and enum sets; the same for every AWS service. A checker reads them, in two passes as
// the services do: first the types (SerializationException), then the constraints ("N validation
// errors detected: …"). What a service has of its own stands with the service, as a Custom type or
// a Pattern.
//
// Members stand in the order in which the service reports their errors. A table from the model:
//
//   constinit const Shape kKeyId{.type = Type::kString, .min_length = 1, .max_length = 2048};
//   constinit const Member kMembers[] = {{"KeyId", &kKeyId, Presence::kNotNull}};
//   constinit const Shape kInput{
//       .type = Type::kStructure, .name = "DescribeKeyRequest", .members = kMembers};
//
// The types are checked in types.cc, the constraints in constraints.cc; java_string.cc prints.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/aws/error.h"
#include "protocol/json/json.h"

namespace bodega::aws {

// At most so many constraint errors are reported in one message.
inline constexpr std::size_t kMaxReportedErrors = 10;

struct Shape;

enum class Presence : std::uint8_t {
  kOptional,
  kNotNull,   // "Value null at 'key' failed to satisfy constraint: Member must not be null"
  kRequired,  // "The parameter 'TableName' is required but was not present in the request"
};

struct Member {
  std::string_view name;
  const Shape* shape;
  Presence presence = Presence::kOptional;
};

// Where a value stands decides how the service words its complaint.
enum class Place : std::uint8_t { kMember, kElement };

// A type that one service alone has.
struct Custom {
  std::string_view java_name;                                   // as messages name it
  void (*check)(json::Node node, Place place);                  // throws TypeFault
  void (*print)(std::string& out, json::Node node, int depth);  // see java_string
};

// "Member must satisfy regular expression pattern: TEXT".
struct Pattern {
  std::string_view text;
  bool (*fits)(std::string_view value);
};

struct Shape {
  enum class Type : std::uint8_t {
    kString,
    kBlob,  // base64 in JSON; its length is that of the bytes
    kBoolean,
    kInteger,
    kLong,
    kDouble,
    kList,
    kMap,
    kStructure,
    kCustom,
  };

  // How an error is worded.
  enum class Wording : std::uint8_t {
    kCoral,   // "Value '0' at 'limit' failed to satisfy constraint: …"
    kBare,    // "Value at 'Limit' failed to satisfy constraint: …"
    kHidden,  // "Value at 'plaintext' failed to satisfy constraint: …", of what is secret
  };

  static constexpr std::int64_t kNone = INT64_MIN;

  Type type;
  std::string_view name = {};            // kStructure: its name in the service's model
  std::span<const Member> members = {};  // kStructure
  const Shape* element = nullptr;        // kList, kMap
  const Custom* custom = nullptr;        // kCustom
  std::int64_t min_length = kNone;       // kString, kBlob, kList, kMap
  std::int64_t max_length = kNone;
  std::int64_t min_value = kNone;  // numbers
  std::int64_t max_value = kNone;
  const Pattern* pattern = nullptr;                  // kString
  bool (*exempt)(std::string_view value) = nullptr;  // kString: what needs no check
  bool checked_first = false;                        // of a member: its error comes alone
  std::string_view values = {};                      // kString: "A, B", the service's order
  std::string_view key_constraint = {};              // kMap: "Map keys must satisfy …"
  bool (*key_fits)(std::string_view key) = nullptr;  // kMap: what that says
  std::string_view value_constraint = {};  // kMap: the same for "Map value"; lengths of the element
  Wording wording = Wording::kCoral;
};

// What a service's model says beside the shapes, and the errors it answers with.
struct Model {
  std::string_view package;          // "com.amazonaws.kms.v20141101.": of types in messages
  const ErrorRow* type_error;        // SerializationException
  const ErrorRow* constraint_error;  // ValidationException
};

// What a Custom's check throws. It does not leave check_types().
struct TypeFault {
  std::string message;
};

// The types of everything that the shape names; other members may be anything. Throws Error.
void check_types(json::Node node, const Shape& shape, const Model& model);

// Everything else. REQUIRES: check_types passed. Throws Error.
void check_constraints(json::Node node, const Shape& shape, const Model& model);

// The type checks of scalars, for Customs. They throw TypeFault.
void check_string(json::Node node);
void check_boolean(json::Node node);
void check_blob(json::Node node);
void check_list(json::Node node, void (*check)(json::Node));

// A value as the service prints it inside messages: [a, b], {k=v}, Name(member=value). Deeper than
// kDeepestPrinted, and behind kMaxEchoBytes, an ellipsis stands in.
inline constexpr int kDeepestPrinted = 12;
std::string java_string(json::Node node, const Shape& shape);
// The parts of it, for Customs.
void append_java_string(std::string& out, json::Node node, const Shape& shape, int depth);
std::string_view clipped(json::Node node);
// Whether so much has been printed that the rest is left out.
bool is_long(const std::string& out);
std::string lower_first(std::string_view text);

}  // namespace bodega::aws
