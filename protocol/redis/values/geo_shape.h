// GeoShape: what GEOSEARCH and its older forms search, a circle or a box around a point; and the
// cells of the map that cover it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "protocol/redis/values/geo_points.h"

namespace bodega::redis {

struct GeoShape {
  enum class Kind : std::uint8_t { kNone, kCircle, kBox };
  Kind kind = Kind::kNone;
  GeoPoint centre{};
  double unit_m = 1;  // the lengths below are in units of so many metres
  double radius = 0;
  double width = 0;
  double height = 0;

  // How far the point is from the centre in metres; absent when it lies outside.
  std::optional<double> distance_to(GeoPoint point) const;

  // The cell with the centre and those around it, in the order in which Redis looks through them;
  // absent where one cannot hold a point of the shape.
  using Cells = std::array<std::optional<GeoCell>, 9>;
  Cells cells() const;
};

}  // namespace bodega::redis
