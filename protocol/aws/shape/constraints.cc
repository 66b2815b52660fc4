// The constraints of a request's values: what is required, lengths, ranges, patterns, enum sets.
#include <vector>

#include "engines/base/bytes.h"
#include "protocol/aws/shape/members.h"
#include "protocol/aws/shape/shape.h"

namespace bodega::aws {

namespace {

bool is_one_of(std::string_view text, std::string_view values) {
  while (!values.empty()) {
    const std::size_t comma = values.find(", ");
    if (values.substr(0, comma) == text) return true;
    if (comma == std::string_view::npos) break;
    values.remove_prefix(comma + 2);
  }
  return false;
}

// Collects constraint errors while it walks a request.
class Checker {
 public:
  explicit Checker(const ErrorRow& error) : error_(error) {}

  void structure(json::Node node, const Shape& shape) {
    for (const Member& member : shape.members) {
      const json::Node child = node.find(member.name);
      path_.push_back({member.name, true});
      if (child.present()) {
        value(child, *member.shape);
      } else if (member.presence == Presence::kNotNull) {
        report(child, *member.shape, "Member must not be null");
      }
      path_.pop_back();
    }
  }

  // Only that member; the first error of it is the whole answer.
  void first(json::Node node, const Member& member) {
    path_.push_back({member.name, true});
    if (node.present()) {
      value(node, *member.shape);
    } else if (member.presence == Presence::kNotNull) {
      report(node, *member.shape, "Member must not be null");
    }
    path_.pop_back();
    if (errors_.size() > 1) errors_.resize(1);
    finish();
  }

  void finish() const {
    if (errors_.empty()) return;
    std::string message = std::to_string(errors_.size());
    message +=
        errors_.size() == 1 ? " validation error detected: " : " validation errors detected: ";
    for (std::size_t i = 0; i < errors_.size(); ++i) {
      if (i > 0) message += "; ";
      message += errors_[i];
    }
    throw Error{&error_, std::move(message)};
  }

 private:
  struct Step {
    std::string_view name;
    bool member;  // written with a small first letter
  };

  void report(json::Node node, const Shape& shape, std::string_view constraint) {
    if (errors_.size() >= kMaxReportedErrors) return;
    const bool bare = shape.wording == Shape::Wording::kBare;
    const bool hidden = shape.wording == Shape::Wording::kHidden && node.present();
    std::string error = "Value ";
    if (!bare && !hidden) {
      error += node.present() ? "'" + java_string(node, shape) + "' " : "null ";
    }
    error += "at '";
    bool first = true;
    for (const Step& step : path_) {
      if (!first) error += '.';
      first = false;
      error += step.member && !bare ? lower_first(step.name) : std::string(step.name);
    }
    error += "' failed to satisfy constraint: ";
    error += constraint;
    errors_.push_back(std::move(error));
  }

  void length(json::Node node, const Shape& shape, std::size_t length) {
    const auto signed_length = static_cast<std::int64_t>(length);
    if (shape.min_length != Shape::kNone && signed_length < shape.min_length) {
      report(
          node, shape,
          "Member must have length greater than or equal to " + std::to_string(shape.min_length));
    }
    if (shape.max_length != Shape::kNone && signed_length > shape.max_length) {
      report(node, shape,
             "Member must have length less than or equal to " + std::to_string(shape.max_length));
    }
  }

  void value(json::Node node, const Shape& shape) {
    switch (shape.type) {
      case Shape::Type::kString: return string(node, shape);
      case Shape::Type::kBlob:
        return length(node, shape, base::from_base64(node.text()).value_or("").size());
      case Shape::Type::kInteger:
      case Shape::Type::kLong:
      case Shape::Type::kDouble: return number(node, shape);
      case Shape::Type::kList: return list(node, shape);
      case Shape::Type::kMap: return map(node, shape);
      case Shape::Type::kStructure: return structure(node, shape);
      case Shape::Type::kBoolean:
      case Shape::Type::kCustom: return;
    }
  }

  void string(json::Node node, const Shape& shape) {
    const std::string_view text = node.text();
    if (shape.exempt != nullptr && shape.exempt(text)) return;
    length(node, shape, text.size());
    if (shape.pattern != nullptr && !shape.pattern->fits(text)) {
      report(node, shape,
             "Member must satisfy regular expression pattern: " + std::string(shape.pattern->text));
    }
    if (!shape.values.empty() && !is_one_of(text, shape.values)) {
      report(node, shape,
             "Member must satisfy enum value set: [" + std::string(shape.values) + "]");
    }
  }

  void number(json::Node node, const Shape& shape) {
    const std::int64_t number = read_integer(node);
    if (shape.min_value != Shape::kNone && number < shape.min_value) {
      report(node, shape,
             "Member must have value greater than or equal to " + std::to_string(shape.min_value));
    }
    if (shape.max_value != Shape::kNone && number > shape.max_value) {
      report(node, shape,
             "Member must have value less than or equal to " + std::to_string(shape.max_value));
    }
  }

  void list(json::Node node, const Shape& shape) {
    length(node, shape, node.size());
    elements(node, shape);
  }

  void elements(json::Node node, const Shape& shape) {
    if (shape.element->type == Shape::Type::kCustom) return;
    std::size_t place = 0;
    for (json::Node child = node.first(); child.exists(); child = child.next()) {
      const std::string number = std::to_string(++place);
      path_.push_back({number, false});
      path_.push_back({"member", false});
      if (child.present()) value(child, *shape.element);
      path_.pop_back();
      path_.pop_back();
    }
  }

  void map(json::Node node, const Shape& shape) {
    length(node, shape, node.size());
    if (shape.element->type == Shape::Type::kCustom) return;
    const bool element_lengths = !shape.value_constraint.empty();
    for (json::Node name = node.first(); name.exists(); name = name.next()) {
      const std::string_view key = name.text();
      if (shape.key_fits != nullptr && !shape.key_fits(key)) {
        report(node, shape,
               "Map keys must satisfy constraint: [" + std::string(shape.key_constraint) + "]");
      }
      name = name.next();
      if (!name.present()) continue;
      if (element_lengths) {
        const auto size = static_cast<std::int64_t>(name.size());
        if (size < shape.element->min_length || size > shape.element->max_length) {
          report(
              node, shape,
              "Map value must satisfy constraint: [" + std::string(shape.value_constraint) + "]");
        }
      }
      path_.push_back({key, false});
      path_.push_back({"member", false});
      if (element_lengths) {
        elements(name, *shape.element);
      } else {
        value(name, *shape.element);
      }
      path_.pop_back();
      path_.pop_back();
    }
  }

  const ErrorRow& error_;
  std::vector<Step> path_;
  std::vector<std::string> errors_;
};

}  // namespace

void check_constraints(json::Node node, const Shape& shape, const Model& model) {
  for (const Member& member : shape.members) {
    if (member.presence == Presence::kRequired && !node.find(member.name).present()) {
      throw Error{model.constraint_error, "The parameter '" + std::string(member.name) +
                                              "' is required but was not present in the request"};
    }
  }
  for (const Member& member : shape.members) {
    if (member.shape->checked_first) {
      Checker(*model.constraint_error).first(node.find(member.name), member);
    }
  }
  Checker checker(*model.constraint_error);
  checker.structure(node, shape);
  checker.finish();
}

}  // namespace bodega::aws
