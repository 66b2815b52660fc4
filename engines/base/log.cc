#include "engines/base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace bodega::log {
namespace {

#define BODEGA_LOG_TIME "%Y-%m-%dT%H:%M:%S.%eZ"
constexpr const char* kTextPattern = BODEGA_LOG_TIME " %^%l%$ %v";
// The message comes quoted already.
constexpr const char* kJsonPattern =
    R"({"time":")" BODEGA_LOG_TIME R"(","level":"%l","message":%v})";
#undef BODEGA_LOG_TIME

Format current_format = Format::kText;

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    const char* no_color = std::getenv("NO_COLOR");
    const bool may_color = no_color == nullptr || *no_color == '\0';
    auto made = spdlog::stderr_color_mt(
        "bodega", may_color ? spdlog::color_mode::automatic : spdlog::color_mode::never);
    made->set_pattern(kTextPattern, spdlog::pattern_time_type::utc);
    return made;
  }();
  return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::kTrace: return spdlog::level::trace;
    case Level::kDebug: return spdlog::level::debug;
    case Level::kInfo: return spdlog::level::info;
    case Level::kWarn: return spdlog::level::warn;
    case Level::kError: return spdlog::level::err;
    case Level::kOff: return spdlog::level::off;
  }
  return spdlog::level::info;
}

void write(Level level, std::string_view message) {
  if (!enabled(level)) return;
  if (current_format == Format::kText) {
    logger().log(to_spdlog(level), message);
    return;
  }
  using nlohmann::json;
  logger().log(to_spdlog(level),
               json(message).dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

void set_level(Level level) { logger().set_level(to_spdlog(level)); }
bool enabled(Level level) { return logger().should_log(to_spdlog(level)); }

void set_format(Format format) {
  current_format = format;
  logger().set_pattern(format == Format::kText ? kTextPattern : kJsonPattern,
                       spdlog::pattern_time_type::utc);
}

void debug(std::string_view message) { write(Level::kDebug, message); }
void info(std::string_view message) { write(Level::kInfo, message); }
void warn(std::string_view message) { write(Level::kWarn, message); }
void error(std::string_view message) { write(Level::kError, message); }

}  // namespace bodega::log
