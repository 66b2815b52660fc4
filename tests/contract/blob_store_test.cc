// What every blob::Store does, proven on each of them.
#include <fcntl.h>

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engines/blob/store.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using blob::BlobId;

namespace {

std::unique_ptr<blob::Store> make_store(const std::string& name,
                                        const std::filesystem::path& folder) {
  if (name == "memory") return blob::make_memory_store();
  const auto durability =
      name == "files, synced" ? base::Durability::kPower : base::Durability::kProcess;
  return blob::open_file_store({folder, durability});
}

std::string make_bytes(std::size_t length) {
  std::string bytes(length, '\0');
  for (std::size_t i = 0; i < length; ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 11);
  return bytes;
}

BlobId put(blob::Store& store, std::string_view bytes) {
  const auto writer = store.create();
  writer->write(bytes);
  return writer->finish().id;
}

std::string read_all(const blob::Reader& reader) {
  std::string bytes(reader.size_bytes(), '\0');
  REQUIRE(reader.read(0, bytes) == bytes.size());
  return bytes;
}

}  // namespace

#define FOR_EACH_STORE()                                                 \
  const std::string name = GENERATE("files", "files, synced", "memory"); \
  const tests::ScratchFolder scratch;                                    \
  CAPTURE(name);                                                         \
  const auto owned = make_store(name, scratch / "blobs");                \
  blob::Store& store = *owned;

TEST_CASE("blob::Store: what is written in pieces is read back whole and in parts") {
  FOR_EACH_STORE();
  const std::string bytes = make_bytes(1'500'000);
  const auto writer = store.create();
  std::string_view rest = bytes;
  for (std::size_t length = 1; !rest.empty(); length = length * 3 + 1) {
    writer->write(rest.substr(0, length));
    rest.remove_prefix(std::min(length, rest.size()));
  }
  CHECK(writer->size_bytes() == bytes.size());
  const blob::Written written = writer->finish();
  CHECK(written.id != 0);
  CHECK(written.size_bytes == bytes.size());

  const auto reader = store.open(written.id);
  REQUIRE(reader);
  CHECK(reader->size_bytes() == bytes.size());
  CHECK(read_all(*reader) == bytes);
  std::string part(1000, '\0');
  CHECK(reader->read(777'777, part) == 1000);
  CHECK(part == bytes.substr(777'777, 1000));
  CHECK(reader->read(bytes.size() - 10, part) == 10);
  CHECK(reader->read(bytes.size(), part) == 0);
  CHECK(reader->read(bytes.size() + 5, part) == 0);
  if (name == "memory") {
    CHECK(reader->fd() == -1);
  } else {
    CHECK(::fcntl(reader->fd(), F_GETFD) != -1);
  }
}

TEST_CASE("blob::Store: a blob may be empty") {
  FOR_EACH_STORE();
  const BlobId id = store.create()->finish().id;
  CHECK(store.size_bytes(id) == 0);
  CHECK(store.open(id)->size_bytes() == 0);
}

TEST_CASE("blob::Store: a blob is there when its writer has finished, not before") {
  FOR_EACH_STORE();
  const auto writer = store.create();
  writer->write(make_bytes(300'000));
  std::size_t blobs = 0;
  store.for_each([&](BlobId) { ++blobs; });
  CHECK(blobs == 0);
  CHECK(store.usage().blobs == 0);
  const BlobId id = writer->finish().id;
  CHECK(store.exists(id));
  CHECK(store.usage().blobs == 1);
  CHECK(store.usage().size_bytes == 300'000);
}

TEST_CASE("blob::Store: an unfinished writer leaves nothing") {
  FOR_EACH_STORE();
  {
    const auto writer = store.create();
    writer->write(make_bytes(500'000));
  }
  CHECK(store.usage().blobs == 0);
  if (name == "memory") return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch / "blobs")) {
    CAPTURE(entry.path());
    if (entry.path().filename() == "synced") continue;  // the store's own mark
    CHECK_FALSE(entry.is_regular_file());
  }
}

TEST_CASE("blob::Store: a reader goes on reading what was removed") {
  FOR_EACH_STORE();
  const std::string bytes = make_bytes(200'000);
  const BlobId id = put(store, bytes);
  const auto reader = store.open(id);
  CHECK(store.remove(id));
  CHECK_FALSE(store.remove(id));
  CHECK_FALSE(store.exists(id));
  CHECK(store.size_bytes(id) == std::nullopt);
  CHECK(store.open(id) == nullptr);
  CHECK(store.usage().blobs == 0);
  CHECK(store.usage().size_bytes == 0);
  CHECK(read_all(*reader) == bytes);
}

TEST_CASE("blob::Store: a link has the same bytes and its own life") {
  FOR_EACH_STORE();
  const std::string bytes = make_bytes(100'000);
  const BlobId first = put(store, bytes);
  const auto second = store.link(first);
  REQUIRE(second.has_value());
  CHECK(*second != first);
  CHECK(store.remove(first));
  CHECK(read_all(*store.open(*second)) == bytes);
  CHECK(store.link(first) == std::nullopt);
}

TEST_CASE("blob::Store: link_into makes a copy that a file store opens and that goes its own way") {
  FOR_EACH_STORE();
  std::vector<BlobId> ids;
  for (std::size_t i = 0; i < 300; ++i) ids.push_back(put(store, make_bytes(i)));
  const auto unfinished = store.create();
  unfinished->write("half");
  store.link_into(scratch / "copy");
  store.remove(ids[0]);
  const auto copy = blob::open_file_store({scratch / "copy", base::Durability::kProcess});
  CHECK(copy->usage().blobs == 300);
  for (std::size_t i = 0; i < 300; ++i) CHECK(read_all(*copy->open(ids[i])) == make_bytes(i));
  CHECK(copy->remove(ids[1]));
  CHECK(store.exists(ids[1]));
  const BlobId fresh = put(*copy, "new");
  CHECK(std::find(ids.begin(), ids.end(), fresh) == ids.end());
}

TEST_CASE("blob::Store: ids differ, also across threads") {
  FOR_EACH_STORE();
  constexpr int kThreads = 4;
  constexpr int kEach = 60;
  std::vector<std::vector<BlobId>> ids(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&store, &mine = ids[static_cast<std::size_t>(i)], i] {
      for (int k = 0; k < kEach; ++k) {
        mine.push_back(put(store, std::to_string(i) + "/" + std::to_string(k)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<BlobId> all;
  for (int i = 0; i < kThreads; ++i) {
    for (int k = 0; k < kEach; ++k) {
      const BlobId id = ids[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)];
      all.insert(id);
      CHECK(read_all(*store.open(id)) == std::to_string(i) + "/" + std::to_string(k));
    }
  }
  CHECK(all.size() == kThreads * kEach);
}
