// The header fields of one message, in order, found by name without regard to case.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bodega::http {

struct Header {
  std::string name;
  std::string value;
};

class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> fields) : fields_(fields) {}

  // The first value of that name, or nothing. The view lives as long as the field.
  std::optional<std::string_view> get(std::string_view name) const;
  // The first value of that name, or an empty view.
  std::string_view get_or_empty(std::string_view name) const { return get(name).value_or(""); }
  bool has(std::string_view name) const { return get(name).has_value(); }
  // All values of that name, in order.
  std::vector<std::string_view> get_all(std::string_view name) const;

  void add(std::string name, std::string value) {
    fields_.push_back({std::move(name), std::move(value)});
  }
  // Replaces every field of that name by one.
  void set(std::string name, std::string value);
  // Removes every field of that name; tells whether there was one.
  bool remove(std::string_view name);

  // Keeps the first `count`.
  void truncate(std::size_t count) { fields_.resize(std::min(count, fields_.size())); }

  const std::vector<Header>& fields() const { return fields_; }
  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }

 private:
  std::vector<Header> fields_;
};

}  // namespace bodega::http
