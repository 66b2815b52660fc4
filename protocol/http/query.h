// A query string, taken apart once: the parameters in order, decoded, each with its raw spelling
// for code that signs or forwards it. It owns its text, so it travels with the head of a request.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::http {

// Views into the Query that holds it; they stay valid when that is moved.
struct QueryParameter {
  std::string_view name;
  std::string_view value;  // empty for both "name" and "name="
  bool has_equals = false;
  std::string_view raw;  // "name=value" as sent
};

class Query {
 public:
  Query() = default;
  Query(Query&&) noexcept = default;
  Query& operator=(Query&&) noexcept = default;
  Query(const Query& other) : Query(parse(other.raw())) {}
  Query& operator=(const Query& other) { return *this = parse(other.raw()); }
  ~Query() = default;

  // Parses without a leading '?'. A plus is a space. A parameter with a malformed escape makes the
  // query bad; it is then kept as sent.
  static Query parse(std::string_view raw);

  // As it was sent.
  std::string_view raw() const { return raw_; }
  bool well_formed() const { return well_formed_; }
  // Whether it has no parameters.
  bool empty() const { return parameters_.empty(); }

  // Names are case-sensitive. Of several with the same name the first counts.
  std::optional<std::string_view> get(std::string_view name) const {
    for (const QueryParameter& parameter : parameters_) {
      if (parameter.name == name) return parameter.value;
    }
    return std::nullopt;
  }
  std::string_view get_or_empty(std::string_view name) const { return get(name).value_or(""); }
  bool has(std::string_view name) const { return get(name).has_value(); }

  auto begin() const { return parameters_.begin(); }
  auto end() const { return parameters_.end(); }

 private:
  std::unique_ptr<char[]> text_;  // as sent, and behind it what was decoded
  std::string_view raw_;
  std::vector<QueryParameter> parameters_;
  bool well_formed_ = true;
};

}  // namespace bodega::http
