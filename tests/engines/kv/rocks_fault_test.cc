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
  // So is what nothing names any more, which alone would not have spent the reserve.
  Batch cleaning;
  cleaning.remove(Family::kItems, "nobody's");
  cleaning.mark_cleans_up();
  store->commit(cleaning);
  CHECK(kv::Reserve(scratch / "reserve", 1'000'000).is_spent());
  reserve.hold();
  CHECK(!store->fault());
  put(*store, "another", 100);
}

TEST_CASE("rocks_store: while the disk is full, logs of what was deleted give their room back") {
  const auto database = GENERATE(kv::Database::kShared, kv::Database::kKeyspace);
  const Family family = database == kv::Database::kShared ? Family::kItems : Family::kElements;
  const tests::ScratchFolder scratch;
  kv::Reserve reserve(scratch / "reserve", 1'000'000);
  reserve.hold();
  kv::OpenOptions options;
  options.directory = scratch / "store";
  options.database = database;
  options.reserve = &reserve;
  const auto store = kv::open_rocks_store(options);
  const auto key_of = [](int i) { return std::string(1, static_cast<char>('a' + i)); };
  for (int i = 0; i < 20; ++i) {
    Batch batch;
    batch.put(family, key_of(i), std::string(500'000, 'x'));
    store->commit(batch);
  }
  const auto in_logs = [&] {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options.directory)) {
      if (entry.path().extension() == ".log") bytes += entry.file_size();
    }
    return bytes;
  };
  REQUIRE(reserve.spend());
  const auto remove = [&](int first, int last) {
    Batch batch;
    for (int i = first; i < last; ++i) batch.remove(family, key_of(i));
    batch.mark_frees_room();
    store->commit(batch);
    REQUIRE(store->recover());
  };
  // A flush of what is left would take as much as it gives.
  remove(0, 5);
  CHECK(in_logs() > 10'000'000);
  remove(5, 17);
  CHECK(in_logs() < 100'000);
  CHECK(!store->get(family, key_of(16)));
  CHECK(store->get(family, key_of(17)));
  // Everything at once.
  Batch all;
  all.remove_range(family, "a", "z");
  all.mark_frees_room();
  store->commit(all);
  REQUIRE(store->recover());
  CHECK(!store->get(family, key_of(17)));
}
