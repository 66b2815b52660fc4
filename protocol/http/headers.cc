#include "protocol/http/headers.h"

#include "engines/base/text.h"

namespace bodega::http {

namespace {

// Most names differ in length, which costs no call.
bool has_name(const Header& field, std::string_view name) {
  return field.name.size() == name.size() && base::equals_ignoring_case(field.name, name);
}

}  // namespace

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Header& field : fields_) {
    if (has_name(field, name)) return field.value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Header& field : fields_) {
    if (has_name(field, name)) values.push_back(field.value);
  }
  return values;
}

void Headers::set(std::string name, std::string value) {
  remove(name);
  add(std::move(name), std::move(value));
}

bool Headers::remove(std::string_view name) {
  return std::erase_if(fields_, [&](const Header& field) {
           return base::equals_ignoring_case(field.name, name);
         }) > 0;
}

}  // namespace bodega::http
