#include "protocol/http/query.h"

#include <algorithm>

#include "protocol/http/percent.h"

namespace bodega::http {
namespace {

// Two searches for one byte each are several times as fast as one for either.
bool has_escape(std::string_view text) {
  return text.find('%') != std::string_view::npos || text.find('+') != std::string_view::npos;
}

}  // namespace

Query Query::parse(std::string_view raw) {
  Query query;
  if (raw.empty()) return query;
  // Decoding never lengthens a text.
  const bool has_escapes = has_escape(raw);
  query.text_ = std::make_unique_for_overwrite<char[]>(has_escapes ? raw.size() * 2 : raw.size());
  std::copy(raw.begin(), raw.end(), query.text_.get());
  query.raw_ = std::string_view(query.text_.get(), raw.size());
  char* room = query.text_.get() + raw.size();
  const auto decode = [&](std::string_view text) {
    const auto length = percent_decode_to(room, text, Plus::kSpace);
    if (!length) {
      query.well_formed_ = false;
      return text;
    }
    const std::string_view decoded(room, *length);
    room += *length;
    return decoded;
  };
  query.parameters_.reserve(static_cast<std::size_t>(std::count(raw.begin(), raw.end(), '&')) + 1);
  for (std::string_view rest = query.raw_; !rest.empty();) {
    const std::size_t end = rest.find('&');
    const std::string_view piece = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    if (piece.empty()) continue;
    const std::size_t equals = piece.find('=');
    QueryParameter parameter;
    parameter.raw = piece;
    parameter.has_equals = equals != std::string_view::npos;
    parameter.name = piece.substr(0, equals);
    if (parameter.has_equals) parameter.value = piece.substr(equals + 1);
    if (has_escapes && has_escape(piece)) {
      parameter.name = decode(parameter.name);
      parameter.value = decode(parameter.value);
    }
    query.parameters_.push_back(parameter);
  }
  return query;
}

}  // namespace bodega::http
