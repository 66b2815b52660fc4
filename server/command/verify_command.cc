#include "server/command/verify_command.h"

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <memory>
#include <string_view>

#include "engines/base/log.h"
#include "engines/world/verify.h"

namespace bodega::server {
namespace {

// Says every few seconds that the reading goes on: a large folder takes minutes.
class Patience {
 public:
  void tell() {
    const Time now = std::chrono::steady_clock::now();
    if (now < due_) return;
    due_ = now + kInterval;
    const auto so_far = std::chrono::duration_cast<std::chrono::seconds>(now - began_);
    std::fprintf(stderr, "still reading, %" PRId64 " s so far\n",
                 static_cast<std::int64_t>(so_far.count()));
  }

 private:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kInterval{5};

  const Time began_ = std::chrono::steady_clock::now();
  Time due_ = began_ + kInterval;
};

}  // namespace

int verify_command(Arguments arguments) {
  if (arguments.size() != 1 || std::string_view(arguments[0]).starts_with('-')) {
    throw UsageError("usage: bodega verify DIR");
  }
  log::set_level(log::Level::kWarn);
  world::VerifyRequest request;
  request.go_on = [patience = std::make_shared<Patience>()] {
    patience->tell();
    return true;
  };
  request.damaged = [](object::Damage&& damage) {
    std::printf("%s\n", world::line_of(damage).c_str());
  };
  const world::VerifyReport report = world::verify_folder(arguments[0], request);
  std::printf("%" PRIu64 " objects and %" PRIu64 " parts of uploads (%" PRIu64 " bytes), %" PRIu64
              " items, %" PRIu64 " keys, %" PRIu64 " records in all; ",
              report.objects.objects, report.objects.parts, report.objects.size_bytes, report.items,
              report.keys, report.records);
  if (report.objects.unnamed_blobs > 0) {
    std::printf("%" PRIu64 " files that no record names; ", report.objects.unnamed_blobs);
  }
  if (report.damages == 0) {
    std::printf("all is well\n");
    return 0;
  }
  std::printf("%" PRIu64 " damaged\n", report.damages);
  return 1;
}

}  // namespace bodega::server
