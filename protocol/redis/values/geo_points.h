// Points on the earth as sorted sets keep them: longitude and latitude, halved 26 times each, are
// the 52 bits of a score. All arithmetic is Redis's, in its order, so that results are the same to
// the last digit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/redis/wire/reply.h"

namespace bodega::redis {

struct GeoPoint {
  double longitude;
  double latitude;
};

// From the lowest to the highest.
struct GeoRange {
  double low;
  double high;
};

// What can be stored: the square that Web Mercator shows of the earth.
inline constexpr GeoRange kLongitudes{-180, 180};
inline constexpr GeoRange kLatitudes{-85.05112878, 85.05112878};

inline constexpr unsigned kMaxGeoStep = 26;

inline constexpr double kRadian = 3.14159265358979323846 / 180.0;  // of a degree
inline constexpr double kEarthRadiusM = 6372797.560856;

// A rectangle of the map after so many halvings of both sides: the bits of longitude in the odd
// places, those of latitude in the even ones.
struct GeoCell {
  std::uint64_t bits;
  unsigned step;
  bool operator==(const GeoCell&) const = default;
};

struct GeoArea {
  GeoRange longitude;
  GeoRange latitude;
};

// The cell that holds the point, in a map of these ranges. REQUIRES: it lies in them.
GeoCell cell_of(GeoPoint point, unsigned step, GeoRange longitudes = kLongitudes,
                GeoRange latitudes = kLatitudes);
GeoArea area_of(GeoCell cell);

double score_of(GeoPoint point);
// The middle of the cell that the score means. Any score means one.
GeoPoint point_of(double score);

// In metres, by the haversine formula.
double distance_m(GeoPoint a, GeoPoint b);
double latitude_distance_m(double a, double b);

// Reads "longitude" and "latitude". Throws when they are no numbers or cannot be stored.
GeoPoint to_point(std::string_view longitude, std::string_view latitude);
// The metres of a unit: m, km, ft, mi. Throws for others.
double to_unit(std::string_view text);

void reply_point(Reply& reply, GeoPoint point);
void reply_distance(Reply& reply, double distance);  // four digits behind the point

}  // namespace bodega::redis
