// A disk that fails under an open store, and comes back. A limit on the size of files makes writes
// fail on demand.
#include <signal.h>
#include <sys/resource.h>

#include "engines/base/fault.h"
#include "engines/kv/store.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using kv::Batch;
using kv::Durability;
using kv::Family;

namespace {

// For as long as it lives, no file of this process grows beyond so many bytes.
class SizeLimit {
 public:
  explicit SizeLimit(rlim_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

void put(kv::Store& store, const std::string& key, std::size_t bytes) {
  Batch batch;
  batch.put(Family::kItems, key, std::string(bytes, 'x'));
  store.commit(batch);
}

}  // namespace

TEST_CASE(
    "rocks_store: after a failed write it serves reads, refuses writes, and recovers in place") {
  const auto durability = GENERATE(Durability::kProcess, Durability::kPower);
  const tests::ScratchFolder scratch;
  kv::OpenOptions options;
  options.directory = scratch / "store";
  options.durability = durability;
  auto store = kv::open_rocks_store(options);
  put(*store, "before", 5'000);
  CHECK(!store->fault());
  {
    const SizeLimit limit(16'384);
    CHECK_THROWS_AS(put(*store, "lost", 50'000), base::StorageFault);
    REQUIRE(store->fault());
    CHECK(!store->out_of_room());
    CHECK_THROWS_AS(put(*store, "refused", 1), base::NotCommitted);
    CHECK(!store->recover());
    CHECK(store->get(Family::kItems, "before"));
    CHECK(!store->get(Family::kItems, "lost"));
  }
  {
    // Whoever reads is not cut off.
    const auto cursor = store->cursor(Family::kItems);
    cursor->seek_first();
    CHECK(!store->recover());
    CHECK(cursor->key() == "before");
  }
  CHECK(store->recover());
  CHECK(!store->fault());
  CHECK(store->get(Family::kItems, "before"));
  CHECK(!store->get(Family::kItems, "lost"));
  put(*store, "after", 50'000);
  store.reset();
  store = kv::open_rocks_store(options);
  CHECK(store->get(Family::kItems, "before"));
  CHECK(!store->get(Family::kItems, "lost"));
  CHECK(store->get(Family::kItems, "after"));
}

TEST_CASE("Reserve: spent, it refuses all but what frees room, and is held again with the room") {
  const tests::ScratchFolder scratch;
  kv::Reserve reserve(scratch / "reserve", 1'000'000);
  reserve.hold();
  CHECK(std::filesystem::file_size(scratch / "reserve") == 1'000'000);
  kv::OpenOptions options;
  options.directory = scratch / "store";
  options.reserve = &reserve;
  const auto store = kv::open_rocks_store(options);
  put(*store, "key", 100);
  REQUIRE(reserve.spend());
  CHECK(!reserve.spend());
  CHECK(std::filesystem::file_size(scratch / "reserve") == 0);
  CHECK(store->out_of_room());
  CHECK(store->fault());
  CHECK_THROWS_AS(put(*store, "another", 100), base::NotCommitted);
  Batch batch;
  batch.remove(Family::kItems, "key");
  batch.mark_frees_room();
  store->commit(batch);
  CHECK(!store->get(Family::kItems, "key"));
  CHECK(kv::Reserve(scratch / "reserve", 1'000'000).is_spent());
  reserve.hold();
  CHECK(!store->fault());
  put(*store, "another", 100);
}
