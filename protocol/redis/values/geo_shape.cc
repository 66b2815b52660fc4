#include "protocol/redis/values/geo_shape.h"

#include <algorithm>
#include <cmath>

namespace bodega::redis {
namespace {

constexpr double kMercatorMaxM = 20037726.37;

constexpr std::uint64_t kLongitudeBits = 0xAAAAAAAAAAAAAAAA;
constexpr std::uint64_t kLatitudeBits = 0x5555555555555555;

// Where a neighbour lies: -1 west or south, 1 east or north.
struct Direction {
  int east;
  int north;
};

constexpr Direction kAround[] = {{0, 0}, {0, 1},  {0, -1}, {1, 0},  {-1, 0},
                                 {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};

// Adds to the number whose bits are those of `bits` under `mask`, wrapping around at the map's
// edge.
std::uint64_t moved(std::uint64_t bits, int by, std::uint64_t mask, unsigned step) {
  const unsigned unused = 64 - 2 * step;
  const std::uint64_t others = ~mask >> unused;  // set, they pass a carry or a borrow on
  std::uint64_t number = bits & mask;
  if (by > 0) number += others + 1;
  if (by < 0) number = (number | others) - (others + 1);
  return number & (mask >> unused);
}

GeoCell neighbour(GeoCell cell, Direction direction) {
  if (direction.east != 0) {
    cell.bits =
        moved(cell.bits, direction.east, kLongitudeBits, cell.step) | (cell.bits & kLatitudeBits);
  }
  if (direction.north != 0) {
    cell.bits =
        moved(cell.bits, direction.north, kLatitudeBits, cell.step) | (cell.bits & kLongitudeBits);
  }
  return cell;
}

GeoArea bounds_of(const GeoShape& shape) {
  const bool circle = shape.kind == GeoShape::Kind::kCircle;
  const double height = shape.unit_m * (circle ? shape.radius : shape.height / 2);
  const double width = shape.unit_m * (circle ? shape.radius : shape.width / 2);
  const auto [longitude, latitude] = shape.centre;
  const double up = height / kEarthRadiusM / kRadian;
  // The widest of the edges is that nearer to a pole.
  const double widest = latitude < 0 ? latitude - up : latitude + up;
  const double aside = width / kEarthRadiusM / std::cos(widest * kRadian) / kRadian;
  return {{longitude - aside, longitude + aside}, {latitude - up, latitude + up}};
}

double reach_m(const GeoShape& shape) {
  if (shape.kind == GeoShape::Kind::kCircle) return shape.radius * shape.unit_m;
  const double x = shape.width / 2;
  const double y = shape.height / 2;
  return std::sqrt(x * x + y * y) * shape.unit_m;
}

// How small the cells may be for the nine of them to cover the shape, about.
unsigned step_for(double reach, double latitude) {
  if (reach == 0) return kMaxGeoStep;
  int step = 1;
  for (; reach < kMercatorMaxM; ++step) reach *= 2;
  step -= 2;
  if (std::fabs(latitude) > 66) --step;  // cells are narrower near the poles
  if (std::fabs(latitude) > 80) --step;
  return static_cast<unsigned>(std::clamp(step, 1, static_cast<int>(kMaxGeoStep)));
}

// Whether the nine cells around `cell` reach the edges of the shape.
bool covers(GeoCell cell, const GeoArea& bounds) {
  return area_of(neighbour(cell, {0, 1})).latitude.high >= bounds.latitude.high &&
         area_of(neighbour(cell, {0, -1})).latitude.low <= bounds.latitude.low &&
         area_of(neighbour(cell, {1, 0})).longitude.high >= bounds.longitude.high &&
         area_of(neighbour(cell, {-1, 0})).longitude.low <= bounds.longitude.low;
}

}  // namespace

std::optional<double> GeoShape::distance_to(GeoPoint point) const {
  if (kind == Kind::kBox) {
    if (latitude_distance_m(point.latitude, centre.latitude) > height * unit_m / 2) return {};
    const GeoPoint beside{centre.longitude, point.latitude};
    if (distance_m(point, beside) > width * unit_m / 2) return {};
    return distance_m(centre, point);
  }
  const double distance = distance_m(centre, point);
  if (distance > radius * unit_m) return {};
  return distance;
}

GeoShape::Cells GeoShape::cells() const {
  const GeoArea bounds = bounds_of(*this);
  unsigned step = step_for(reach_m(*this), centre.latitude);
  GeoCell cell = cell_of(centre, step);
  if (step > 1 && !covers(cell, bounds)) cell = cell_of(centre, --step);
  const GeoArea area = area_of(cell);

  Cells out;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Direction direction = kAround[i];
    // A side of the cell that lies beyond the shape's has nothing of it behind.
    const bool useless =
        step >= 2 && ((direction.north < 0 && area.latitude.low < bounds.latitude.low) ||
                      (direction.north > 0 && area.latitude.high > bounds.latitude.high) ||
                      (direction.east < 0 && area.longitude.low < bounds.longitude.low) ||
                      (direction.east > 0 && area.longitude.high > bounds.longitude.high));
    if (!useless) out[i] = neighbour(cell, direction);
  }
  return out;
}

}  // namespace bodega::redis
