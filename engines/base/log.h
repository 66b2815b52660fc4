// The process's log: one line an event on standard error, written by spdlog. Headers stay free of
// it.
#pragma once

#include <string_view>

namespace bodega::log {

enum class Level { kTrace, kDebug, kInfo, kWarn, kError, kOff };

// kText: "2026-01-02T03:04:05.678Z info stopping", the level coloured on a terminal unless the
// environment has NO_COLOR. kJson: {"time":"…","level":"info","message":"stopping"}
enum class Format { kText, kJson };

// What is less severe than `level` is dropped. Thread-safe, as are all functions here but
// set_format().
void set_level(Level level);
bool enabled(Level level);

// REQUIRES: before other threads log.
void set_format(Format format);

void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

}  // namespace bodega::log
