// The process's log: one line an event on standard error, written by spdlog. Headers stay free of
// it.
#pragma once

#include <string_view>

namespace bodega::log {

enum class Level { kTrace, kDebug, kInfo, kWarn, kError, kOff };

// What is less severe than `level` is dropped. Thread-safe, as are all functions here.
void set_level(Level level);
bool enabled(Level level);

void debug(std::string_view message);
void info(std::string_view message);
void warn(std::string_view message);
void error(std::string_view message);

}  // namespace bodega::log
