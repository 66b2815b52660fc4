// A query string, taken apart once: the parameters in order, decoded, each with its raw spelling
// for whoever signs or forwards it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::http {

struct QueryParameter {
  std::string name;
  std::string value;  // empty for both "name" and "name="
  bool has_equals = false;
  std::string_view raw;  // "name=value" as sent; points into what was parsed
};

class Query {
 public:
  Query() = default;

  // Parses without a leading '?'. A plus is a space. A parameter with a malformed escape makes the
  // query bad; it is then kept as sent. `raw` has to outlive the Query only where `.raw` is read.
  static Query parse(std::string_view raw);

  bool well_formed() const { return well_formed_; }
  bool empty() const { return parameters_.empty(); }

  // Names are case-sensitive. Of several with the same name the first counts.
  std::optional<std::string_view> get(std::string_view name) const;
  std::string_view get_or_empty(std::string_view name) const { return get(name).value_or(""); }
  bool has(std::string_view name) const { return get(name).has_value(); }

  auto begin() const { return parameters_.begin(); }
  auto end() const { return parameters_.end(); }

 private:
  std::vector<QueryParameter> parameters_;
  bool well_formed_ = true;
};

}  // namespace bodega::http
