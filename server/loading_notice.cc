#include "server/loading_notice.h"

#include <cstdio>

#include "engines/base/log.h"

namespace bodega::server {
namespace {

constexpr std::chrono::seconds kSlow{1};
constexpr std::chrono::seconds kInterval{5};
constexpr std::size_t kDigitsPerGroup = 3;

}  // namespace

std::string counted(std::uint64_t count, std::string_view noun) {
  std::string text = std::to_string(count);
  for (std::size_t at = text.size(); at > kDigitsPerGroup;) {
    at -= kDigitsPerGroup;
    text.insert(at, ",");
  }
  text.append(" ").append(noun);
  return count == 1 ? text : text + "s";
}

void LoadingNotice::read(std::uint64_t records) {
  const Time now = std::chrono::steady_clock::now();
  if (ended_ || now < due_) return;
  due_ = now + kInterval;
  log::info("loading the Redis data: " + counted(records, "record") + " so far");
}

void LoadingNotice::end(std::uint64_t keys) {
  ended_ = true;
  const auto took = std::chrono::steady_clock::now() - began_;
  if (took < kSlow) return;
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.1f", std::chrono::duration<double>(took).count());
  log::info("loaded " + counted(keys, "Redis key") + " in " + seconds + " s");
}

}  // namespace bodega::server
