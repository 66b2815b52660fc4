// What only blobs on the disk have: sweeps, later runs, and disks that fail.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "engines/base/fault.h"
#include "engines/blob/store.h"
#include "tests/catch.h"
#include "tests/held_executor.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using blob::BlobId;

namespace {

std::unique_ptr<blob::Store> open_store(const std::filesystem::path& folder) {
  return blob::open_file_store({.directory = folder});
}

BlobId put(blob::Store& store, std::string_view bytes) {
  const auto writer = store.create();
  writer->write(bytes);
  return writer->finish().id;
}

std::size_t files_below(const std::filesystem::path& folder) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) ++files;
  }
  return files;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator all("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

}  // namespace

TEST_CASE("file_store: blobs outlive the store, and later ids are larger than all before") {
  const tests::ScratchFolder scratch;
  BlobId last = 0;
  for (int run = 0; run < 3; ++run) {
    const auto store = open_store(scratch / "blobs");
    if (last != 0) CHECK(store->size_bytes(last) == 3);
    const BlobId id = put(*store, "abc");
    CHECK(id > last);
    last = id;
  }
  CHECK(open_store(scratch / "blobs")->usage().blobs == 3);
}

TEST_CASE("file_store: sweep removes what no record names and what was never finished") {
  const tests::ScratchFolder scratch;
  BlobId named = 0;
  BlobId orphan = 0;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Gone without a destructor: the unfinished file stays behind, as after a kill.
    const auto store = open_store(scratch / "blobs");
    const auto writer = store->create();
    writer->write(std::string(300'000, 'x'));
    ::_exit(0);
  }
  REQUIRE(::waitpid(child, nullptr, 0) == child);
  CHECK(files_below(scratch / "blobs") == 1);
  {
    const auto store = open_store(scratch / "blobs");
    named = put(*store, "named");
    orphan = put(*store, "orphan!");
  }
  const auto store = open_store(scratch / "blobs");
  const BlobId fresh = put(*store, "of this run");
  const auto writing = store->create();
  writing->write(std::string(300'000, 'y'));
  std::size_t asked = 0;
  const blob::Swept swept = store->sweep([&](BlobId id) {
    ++asked;
    return id == named;
  });
  CHECK(asked == 2);
  CHECK(swept.kept == 1);
  CHECK(swept.removed == 2);
  CHECK(store->exists(named));
  CHECK_FALSE(store->exists(orphan));
  CHECK(store->exists(fresh));
  CHECK(store->size_bytes(writing->finish().id) == 300'000);
  CHECK(store->usage().blobs == 3);
  CHECK(store->usage().size_bytes == 5 + 11 + 300'000);
}

TEST_CASE("file_store: blobs that go while a sweep runs are not counted by it") {
  const tests::ScratchFolder scratch;
  BlobId first = 0;
  BlobId second = 0;
  {
    const auto store = open_store(scratch / "blobs");
    first = put(*store, "first");
    second = put(*store, "second");
  }
  const auto store = open_store(scratch / "blobs");
  CHECK(store->remove(first));
  store->sweep([&](BlobId id) {
    if (id == second) store->remove(second);
    return true;
  });
  CHECK(store->usage().blobs == 0);
  CHECK(store->usage().size_bytes == 0);
}

TEST_CASE(
    "file_store: the bytes of a large blob are freed by the executor, its name goes at once") {
  const tests::ScratchFolder scratch;
  tests::HeldExecutor executor;
  blob::OpenOptions options;
  options.directory = scratch / "blobs";
  options.executor = &executor;
  const auto store = blob::open_file_store(options);
  const BlobId large = put(*store, std::string(2'000'000, 'x'));
  const BlobId small = put(*store, "small");
  CHECK(store->remove(small));
  CHECK(executor.held() == 0);
  CHECK(store->remove(large));
  CHECK(executor.held() == 1);
  CHECK_FALSE(store->exists(large));
  CHECK_FALSE(store->remove(large));
  CHECK(files_below(scratch / "blobs") == 0);
  {
    const auto dropped = store->create();
    dropped->write(std::string(2'000'000, 'y'));
  }
  CHECK(executor.held() == 2);
  CHECK(files_below(scratch / "blobs") == 0);
  const std::size_t open_before = open_descriptors();
  executor.run_all();
  CHECK(open_descriptors() == open_before - 2);
}

TEST_CASE("file_store: a foreign file is neither a blob nor swept") {
  const tests::ScratchFolder scratch;
  const BlobId id = put(*open_store(scratch / "blobs"), "x");
  char folder[3];
  std::snprintf(folder, sizeof folder, "%02x", static_cast<unsigned>(id & 0xff));
  const auto foreign = scratch / "blobs" / folder / "notes.txt";
  std::ofstream(foreign) << "mine";
  const auto store = open_store(scratch / "blobs");
  CHECK(store->usage().blobs == 1);
  CHECK(store->sweep([](BlobId) { return false; }).removed == 1);
  CHECK(std::filesystem::exists(foreign));
}

TEST_CASE("file_store: a disk that takes no more is a StorageFault and leaves no file") {
  const tests::ScratchFolder scratch;
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // A limit on the size of files stands in for a full disk: the write fails half-way.
    ::signal(SIGXFSZ, SIG_IGN);
    const auto store = open_store(scratch / "blobs");
    const rlimit limit{200'000, 200'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    int result = 1;
    try {
      const auto writer = store->create();
      for (int i = 0; i < 10; ++i) writer->write(std::string(50'000, 'x'));
      writer->finish();
    } catch (const base::StorageFault&) {
      result = files_below(scratch / "blobs") == 0 && store->usage().blobs == 0 ? 0 : 2;
    }
    ::_exit(result);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("file_store: a folder that cannot be used throws one clear line") {
  const tests::ScratchFolder scratch;
  std::ofstream(scratch / "file") << "x";
  CHECK_THROWS_WITH(open_store(scratch / "file"), Catch::Contains("cannot create"));
}

TEST_CASE("file_store: link_into refuses a folder that exists") {
  const tests::ScratchFolder scratch;
  const auto store = open_store(scratch / "blobs");
  std::filesystem::create_directory(scratch / "copy");
  CHECK_THROWS_AS(store->link_into(scratch / "copy"), base::StorageFault);
}

TEST_CASE("file_store: with power, what earlier runs wrote is synced once and then known to be") {
  const tests::ScratchFolder scratch;
  const auto folder = scratch / "blobs";
  const auto mark = folder / "synced";
  const auto open_with = [](const std::filesystem::path& where, base::Durability durability) {
    return blob::open_file_store({.directory = where, .durability = durability});
  };
  const BlobId id = put(*open_with(folder, base::Durability::kProcess), "abc");
  CHECK_FALSE(std::filesystem::exists(mark));
  {
    const auto store = open_with(folder, base::Durability::kPower);
    CHECK(std::filesystem::exists(mark));
    const auto linked = store->link(id);
    REQUIRE(linked);
    CHECK(store->size_bytes(*linked) == 3);
    CHECK(store->usage().blobs == 2);
  }
  const auto written = std::filesystem::last_write_time(mark);
  open_with(folder, base::Durability::kPower);
  CHECK(std::filesystem::last_write_time(mark) == written);

  SECTION("less durability takes the mark away") {
    const auto less = GENERATE(base::Durability::kProcess, base::Durability::kNone);
    open_with(folder, less);
    CHECK_FALSE(std::filesystem::exists(mark));
  }
  SECTION("a copy of the folder is synced for itself") {
    const auto copy = scratch / "copy";
    std::filesystem::copy(folder, copy, std::filesystem::copy_options::recursive);
    const auto content = [](const std::filesystem::path& file) {
      std::ifstream in(file);
      return std::string(std::istreambuf_iterator<char>(in), {});
    };
    CHECK(content(copy / "synced") == content(mark));
    open_with(copy, base::Durability::kPower);
    CHECK(content(copy / "synced") != content(mark));
  }
}

TEST_CASE("file_store: with power, a file that cannot be synced is an error, each time") {
  const tests::ScratchFolder scratch;
  const auto folder = scratch / "blobs";
  const BlobId id = put(*open_store(folder), "abc");
  char name[20];
  std::snprintf(name, sizeof name, "%02x/%016llx", static_cast<unsigned>(id & 0xff),
                static_cast<unsigned long long>(id));
  // Devices like this one know no fsync.
  std::filesystem::remove(folder / name);
  std::filesystem::create_symlink("/dev/null", folder / name);
  for (int i = 0; i < 2; ++i) {
    CHECK_THROWS_WITH(
        blob::open_file_store({.directory = folder, .durability = base::Durability::kPower}),
        Catch::Contains("cannot sync"));
    CHECK_FALSE(std::filesystem::exists(folder / "synced"));
  }
}

TEST_CASE("file_store: opened to be read, it changes nothing") {
  const tests::ScratchFolder scratch;
  blob::OpenOptions options;
  options.directory = scratch / "absent";
  options.access = blob::Access::kReadOnly;
  CHECK(blob::open_file_store(options)->usage().blobs == 0);
  CHECK_FALSE(std::filesystem::exists(scratch / "absent"));

  options.directory = scratch / "blobs";
  options.durability = base::Durability::kPower;
  options.access = blob::Access::kReadWrite;
  const BlobId id = put(*blob::open_file_store(options), "abc");
  options.durability = base::Durability::kProcess;
  options.access = blob::Access::kReadOnly;
  const auto store = blob::open_file_store(options);
  CHECK(store->size_bytes(id) == 3);
  CHECK(store->is_of_earlier_run(id));
  CHECK(std::filesystem::exists((scratch / "blobs") / "synced"));
}
