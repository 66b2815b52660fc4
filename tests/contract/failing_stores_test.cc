// The stores that fail on demand, over each store that does not: what a failed call leaves is what
// was there before it or, once its outcome is known, the whole of what it asked for.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engines/base/fault.h"
#include "tests/catch.h"
#include "tests/faulty_blobs.h"
#include "tests/faulty_store.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using Failure = tests::FaultyStore::Failure;

namespace {

constexpr auto kFirst = kv::Family::kItems;
constexpr auto kSecond = kv::Family::kIndexes;

// ---- Key-value stores ----

std::unique_ptr<kv::Store> make_store(const std::string& name,
                                      const std::filesystem::path& folder) {
  if (name == "memory") return kv::make_memory_store(kv::Database::kShared);
  return kv::open_rocks_store({folder, kv::Database::kShared, kv::Durability::kProcess});
}

using Picture = std::map<std::string, std::string>;

Picture picture(const kv::Store& store) {
  Picture out;
  for (const kv::Family family : {kFirst, kSecond}) {
    const auto cursor = store.cursor(family);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
      out[(family == kFirst ? "1/" : "2/") + std::string(cursor->key())] = cursor->value();
    }
  }
  return out;
}

// Batches that each change both families, and what stands in the store after so many of them.
std::vector<kv::Batch> batches() {
  std::vector<kv::Batch> out(4);
  out[0].put(kFirst, "a", "1");
  out[0].put(kSecond, "a", "1");
  out[1].put(kFirst, "b", "2");
  out[1].put(kSecond, "b", "2");
  out[2].remove(kFirst, "a");
  out[2].put(kSecond, "a", "3");
  out[3].remove_range(kFirst, "a", "c");
  out[3].remove_range(kSecond, "a", "b");
  return out;
}
const std::vector<Picture> kPictures = {{},
                                        {{"1/a", "1"}, {"2/a", "1"}},
                                        {{"1/a", "1"}, {"1/b", "2"}, {"2/a", "1"}, {"2/b", "2"}},
                                        {{"1/b", "2"}, {"2/a", "3"}, {"2/b", "2"}},
                                        {{"2/b", "2"}}};

// ---- Blob stores ----

std::unique_ptr<blob::Store> make_blobs(const std::string& name,
                                        const std::filesystem::path& folder) {
  if (name == "memory") return blob::make_memory_store();
  return blob::open_file_store({folder, base::Durability::kProcess});
}

constexpr std::string_view kHead = "the first piece, ";
constexpr std::string_view kTail = "and the rest";

// The bytes of a blob; absent when there is none.
std::optional<std::string> bytes_of(const blob::Store& store, blob::BlobId id) {
  const auto reader = store.open(id);
  if (reader == nullptr) return std::nullopt;
  std::string bytes(reader->size_bytes(), '\0');
  REQUIRE(reader->read(0, bytes) == bytes.size());
  return bytes;
}

// Writes a blob, gives it a second id and removes the first; `kept` are those that must be there.
void write_link_remove(blob::Store& store, std::vector<blob::BlobId>& kept) {
  const auto writer = store.create();
  writer->write(kHead);
  writer->write(kTail);
  const blob::BlobId first = writer->finish().id;
  kept.push_back(first);
  const auto second = store.link(first);
  REQUIRE(second.has_value());
  kept.push_back(*second);
  const bool removed = store.remove(first);
  CHECK(removed);
  std::erase(kept, first);
}

}  // namespace

TEST_CASE("Failing stores: each batch is there whole or not at all, wherever a commit fails") {
  const std::string name = GENERATE("memory", "rocks");
  const Failure failure = GENERATE(Failure::kNotCommitted, Failure::kLost, Failure::kWritten);
  CAPTURE(name, static_cast<int>(failure));
  const auto all = batches();
  for (std::size_t nth = 1; nth <= all.size(); ++nth) {
    CAPTURE(nth);
    const tests::ScratchFolder scratch;
    tests::FaultyStore store(make_store(name, scratch / "store"));
    store.fail_commit(nth, failure);
    for (std::size_t i = 0; i + 1 < nth; ++i) store.commit(all[i]);
    CHECK_THROWS_AS(store.commit(all[nth - 1]), base::StorageFault);
    CHECK(picture(store) == kPictures[nth - 1]);
    if (failure != Failure::kNotCommitted) {
      CHECK(store.fault().has_value());
      CHECK_THROWS_AS(store.commit(all[nth - 1]), base::NotCommitted);
    }
    store.restart();
    CHECK(picture(store) == kPictures[failure == Failure::kWritten ? nth : nth - 1]);
    CHECK_FALSE(store.fault().has_value());
    for (std::size_t i = nth - 1; i < all.size(); ++i) store.commit(all[i]);
    CHECK(picture(store) == kPictures.back());
  }
}

TEST_CASE("Failing stores: after recovery in place a commit of unknown outcome is not there") {
  const Failure failure = GENERATE(Failure::kLost, Failure::kWritten);
  tests::FaultyStore store(kv::make_memory_store(kv::Database::kShared));
  const auto all = batches();
  store.commit(all[0]);
  store.fail_commit(1, failure);
  CHECK_THROWS_AS(store.commit(all[1]), base::StorageFault);
  CHECK(store.recover());
  store.restart();
  CHECK(picture(store) == kPictures[1]);
}

TEST_CASE("Failing stores: on a full disk only what frees room is taken") {
  tests::FaultyStore store(kv::make_memory_store(kv::Database::kShared));
  auto all = batches();
  store.commit(all[0]);
  store.commit(all[1]);
  store.fill_up();
  CHECK(store.out_of_room());
  CHECK_THROWS_AS(store.commit(all[2]), base::NotCommitted);
  CHECK_FALSE(store.recover());
  all[3].mark_frees_room();
  store.commit(all[3]);
  CHECK(picture(store) == kPictures[4]);
  CHECK_THROWS_AS(store.commit(all[0]), base::NotCommitted);
  store.calm();
  CHECK_FALSE(store.out_of_room());
  store.commit(all[0]);
}

TEST_CASE("Failing stores: wherever a call to blobs fails, no blob is there in part") {
  const std::string name = GENERATE("memory", "files");
  CAPTURE(name);
  for (std::size_t nth = 1;; ++nth) {
    CAPTURE(nth);
    const tests::ScratchFolder scratch;
    tests::FaultyBlobs blobs(make_blobs(name, scratch / "blobs"));
    blobs.fail_call(nth);
    std::vector<blob::BlobId> kept;
    bool done = true;
    try {
      write_link_remove(blobs, kept);
    } catch (const base::StorageFault&) {
      done = false;
    }
    const bool met = !blobs.calm();
    CHECK(done == !met);
    std::size_t found = 0;
    blobs.for_each([&](blob::BlobId id) {
      ++found;
      CHECK(bytes_of(blobs, id) == std::string(kHead) + std::string(kTail));
    });
    CHECK(found == kept.size());
    for (const blob::BlobId id : kept) CHECK(blobs.exists(id));
    if (!met) break;
    REQUIRE(nth < 20);
  }
}
