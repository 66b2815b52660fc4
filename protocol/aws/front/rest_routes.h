// How the REST protocols (rest-json, rest-xml) find an operation: by the method and a template of
// the path, "/2020-05-31/distribution/{Id}/config". (S3's addresses are no paths of this kind; it
// has a table of its own.)
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/http/message.h"

namespace bodega::aws {

struct RestRoute {
  std::string_view method;
  // Segments are literal or a label: {Name} is one segment, {Name+} at the end all that are left.
  std::string_view path;
};

struct RestMatch {
  std::size_t route = 0;  // its place in the table
  // Decoded, in the order of the template.
  std::vector<std::pair<std::string_view, std::string>> labels;

  // Empty where the template has no such label.
  std::string_view label(std::string_view name) const;
};

// The route with the most literal segments among those that fit. Returns nullopt when none does, or
// the path is not percent-encoded. A slash at the end of the path says nothing.
std::optional<RestMatch> find_route(std::span<const RestRoute> routes,
                                    const http::RequestHead& head);

}  // namespace bodega::aws
