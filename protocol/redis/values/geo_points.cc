#include "protocol/redis/values/geo_points.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

double radians(double degrees) { return degrees * kRadian; }

// Puts a zero bit before each of the 32 bits.
std::uint64_t spread(std::uint32_t value) {
  std::uint64_t bits = value;
  bits = (bits | bits << 16) & 0x0000FFFF0000FFFF;
  bits = (bits | bits << 8) & 0x00FF00FF00FF00FF;
  bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0F;
  bits = (bits | bits << 2) & 0x3333333333333333;
  return (bits | bits << 1) & 0x5555555555555555;
}

// Takes every second bit, beginning with the lowest.
std::uint32_t gather(std::uint64_t bits) {
  bits &= 0x5555555555555555;
  bits = (bits | bits >> 1) & 0x3333333333333333;
  bits = (bits | bits >> 2) & 0x0F0F0F0F0F0F0F0F;
  bits = (bits | bits >> 4) & 0x00FF00FF00FF00FF;
  bits = (bits | bits >> 8) & 0x0000FFFF0000FFFF;
  return static_cast<std::uint32_t>(bits | bits >> 16);
}

std::uint32_t part_of(double value, GeoRange range, unsigned step) {
  const double share = (value - range.low) / (range.high - range.low);
  return static_cast<std::uint32_t>(share * static_cast<double>(std::uint64_t{1} << step));
}

GeoRange range_of(std::uint32_t part, GeoRange range, unsigned step) {
  const double scale = range.high - range.low;
  const auto parts = static_cast<double>(std::uint64_t{1} << step);
  return {range.low + (part * 1.0 / parts) * scale, range.low + ((part + 1) * 1.0 / parts) * scale};
}

double middle(GeoRange range, GeoRange bounds) {
  return std::clamp((range.low + range.high) / 2, bounds.low, bounds.high);
}

// As x86-64 converts a double; sorted sets may hold scores that no point has.
std::uint64_t bits_of(double score) {
  constexpr double kTwoTo63 = 9223372036854775808.0;
  if (score < -kTwoTo63) return std::uint64_t{1} << 63;
  if (score < kTwoTo63) return static_cast<std::uint64_t>(static_cast<std::int64_t>(score));
  return score < 2 * kTwoTo63 ? static_cast<std::uint64_t>(score) : 0;
}

bool is_within(double value, GeoRange range) { return value >= range.low && value <= range.high; }

constexpr Choice<double> kUnits[] = {{"M", 1}, {"KM", 1000}, {"FT", 0.3048}, {"MI", 1609.34}};

void reply_coordinate(Reply& reply, double value) {
  const std::string text = format_long_double(value);
  if (!reply.resp3()) return reply.bulk(text);
  reply.raw("," + text + "\r\n");
}

}  // namespace

GeoCell cell_of(GeoPoint point, unsigned step, GeoRange longitudes, GeoRange latitudes) {
  const std::uint32_t x = part_of(point.longitude, longitudes, step);
  const std::uint32_t y = part_of(point.latitude, latitudes, step);
  return {spread(y) | spread(x) << 1, step};
}

GeoArea area_of(GeoCell cell) {
  return {range_of(gather(cell.bits >> 1), kLongitudes, cell.step),
          range_of(gather(cell.bits), kLatitudes, cell.step)};
}

double score_of(GeoPoint point) { return static_cast<double>(cell_of(point, kMaxGeoStep).bits); }

GeoPoint point_of(double score) {
  const GeoArea area = area_of({bits_of(score), kMaxGeoStep});
  return {middle(area.longitude, kLongitudes), middle(area.latitude, kLatitudes)};
}

double latitude_distance_m(double a, double b) {
  return kEarthRadiusM * std::fabs(radians(b) - radians(a));
}

double distance_m(GeoPoint a, GeoPoint b) {
  const double v = std::sin((radians(b.longitude) - radians(a.longitude)) / 2);
  if (v == 0) return latitude_distance_m(a.latitude, b.latitude);
  const double latitude_a = radians(a.latitude);
  const double latitude_b = radians(b.latitude);
  const double u = std::sin((latitude_b - latitude_a) / 2);
  const double square = u * u + std::cos(latitude_a) * std::cos(latitude_b) * v * v;
  return 2.0 * kEarthRadiusM * std::asin(std::sqrt(square));
}

GeoPoint to_point(std::string_view longitude, std::string_view latitude) {
  const double x = to_double(longitude);
  const double y = to_double(latitude);
  if (!is_within(x, kLongitudes) || !is_within(y, kLatitudes)) {
    char text[800];  // two doubles of 310 digits fit
    std::snprintf(text, sizeof text, "ERR invalid longitude,latitude pair %f,%f", x, y);
    throw Error(text);
  }
  return {x, y};
}

double to_unit(std::string_view text) {
  return to_choice(text, kUnits, "ERR unsupported unit provided. please use M, KM, FT, MI");
}

void reply_point(Reply& reply, GeoPoint point) {
  reply.array(2);
  reply_coordinate(reply, point.longitude);
  reply_coordinate(reply, point.latitude);
}

void reply_distance(Reply& reply, double distance) {
  constexpr int kDigits = 4;
  constexpr std::uint64_t kScale = 10'000;
  const long long scaled = std::llrint(distance * static_cast<double>(kScale));
  const bool negative = scaled < 0;
  const std::uint64_t size =
      negative ? 0 - static_cast<std::uint64_t>(scaled) : static_cast<std::uint64_t>(scaled);
  std::string fraction = std::to_string(size % kScale);
  fraction.insert(0, kDigits - fraction.size(), '0');
  reply.bulk((negative ? "-" : "") + std::to_string(size / kScale) + "." + fraction);
}

}  // namespace bodega::redis
