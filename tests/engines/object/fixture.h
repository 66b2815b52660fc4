// An object engine with its two stores, in memory or on disk, and short words for common steps.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/clock.h"
#include "engines/blob/store.h"
#include "engines/kv/store.h"
#include "engines/object/engine.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

namespace bodega::object::testing {

enum class Backend { kMemory, kRocks };

// Larger than what is kept inline in these tests.
inline constexpr std::uint64_t kTestInlineLimitBytes = 64;

class Fixture {
 public:
  explicit Fixture(Backend backend);
  ~Fixture();

  // Closes and opens engine and stores again, as after a restart. REQUIRES: kRocks.
  void reopen();

  Data data(std::string_view bytes);
  // Puts and returns the version id. The etag is `etag`, or the bytes themselves if they are short.
  std::string put(std::string_view key, std::string_view bytes = "x", std::string_view etag = {});
  Result<PutDone> try_put(std::string_view key, std::string_view bytes,
                          const Conditions& conditions);
  // The whole content; "(none)" when the engine refuses.
  std::string get(std::string_view key, std::optional<std::string_view> version_id = {});
  std::string read(const Content& content);
  Removed remove(std::string_view key, std::optional<std::string> version_id = {});

  // Every blob there is has a record, and every record its blobs.
  void check_blobs_agree();

 private:
  void open();

  const Backend backend_;
  std::optional<tests::ScratchFolder> folder_;  // outlives what is open in it

 public:
  std::string bucket = "bucket";
  base::ManualClock clock;
  std::unique_ptr<kv::Store> store;
  std::unique_ptr<blob::Store> blobs;
  std::unique_ptr<Engine> engine;
};

// `size` bytes that differ from those of another seed.
std::string bytes_of(std::size_t size, unsigned seed = 1);

// The outcome of something that must have been refused.
template <class T>
Outcome outcome(const Result<T>& result) {
  REQUIRE(!result);
  return result.error().outcome;
}

}  // namespace bodega::object::testing

// Catch2 shows what it compares.
namespace bodega::object {
std::ostream& operator<<(std::ostream& out, Outcome outcome);
}
