#include "protocol/aws/front/rest_routes.h"

#include "protocol/http/percent.h"

namespace bodega::aws {

namespace {

// Takes the first segment off a path that starts with '/' or is empty.
std::string_view take_segment(std::string_view& path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

std::string_view without_last_slash(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

struct Fit {
  RestMatch match;
  std::size_t literals = 0;
};

std::optional<Fit> fit(std::string_view pattern, std::string_view path) {
  Fit found;
  pattern = without_last_slash(pattern);
  path = without_last_slash(path);
  while (!pattern.empty()) {
    std::string_view wanted = take_segment(pattern);
    if (!wanted.starts_with('{')) {
      if (take_segment(path) != wanted) return std::nullopt;
      ++found.literals;
      continue;
    }
    wanted = wanted.substr(1, wanted.size() - 2);
    std::string_view value;
    if (wanted.ends_with('+')) {
      wanted.remove_suffix(1);
      value = path.starts_with('/') ? path.substr(1) : path;
      path = {};
    } else {
      value = take_segment(path);
    }
    auto decoded = http::percent_decode(value);
    if (value.empty() || !decoded) return std::nullopt;
    found.match.labels.emplace_back(wanted, *std::move(decoded));
  }
  if (!path.empty()) return std::nullopt;
  return found;
}

}  // namespace

std::string_view RestMatch::label(std::string_view name) const {
  for (const auto& [known, value] : labels) {
    if (known == name) return value;
  }
  return {};
}

std::optional<RestMatch> find_route(std::span<const RestRoute> routes,
                                    const http::RequestHead& head) {
  std::optional<Fit> best;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (routes[i].method != head.method) continue;
    auto found = fit(routes[i].path, head.path);
    if (!found || (best && found->literals <= best->literals)) continue;
    found->match.route = i;
    best = std::move(found);
  }
  if (!best) return std::nullopt;
  return std::move(best->match);
}

}  // namespace bodega::aws
