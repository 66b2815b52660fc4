#include "protocol/http/query.h"

#include "protocol/http/percent.h"

namespace bodega::http {

Query Query::parse(std::string_view raw) {
  Query query;
  const auto decode = [&query](std::string_view text) {
    if (text.find_first_of("%+") == std::string_view::npos) return std::string(text);
    auto decoded = percent_decode(text, Plus::kSpace);
    if (!decoded) {
      query.well_formed_ = false;
      return std::string(text);
    }
    return *std::move(decoded);
  };
  while (!raw.empty()) {
    const std::size_t end = raw.find('&');
    const std::string_view piece = raw.substr(0, end);
    raw = end == std::string_view::npos ? std::string_view() : raw.substr(end + 1);
    if (piece.empty()) continue;
    const std::size_t equals = piece.find('=');
    QueryParameter parameter;
    parameter.raw = piece;
    parameter.has_equals = equals != std::string_view::npos;
    parameter.name = decode(piece.substr(0, equals));
    if (parameter.has_equals) parameter.value = decode(piece.substr(equals + 1));
    query.parameters_.push_back(std::move(parameter));
  }
  return query;
}

std::optional<std::string_view> Query::get(std::string_view name) const {
  for (const auto& parameter : parameters_) {
    if (parameter.name == name) return parameter.value;
  }
  return std::nullopt;
}

}  // namespace bodega::http
