// What a start makes of write-ahead logs that are torn, damaged or missing. An image of a running
// store, copied file by file, is what a kill at that instant leaves.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <vector>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/kv/rocks_log_scan.h"
#include "engines/kv/store.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using kv::Batch;
using kv::Damage;
using kv::Durability;
using kv::Family;
using kv::LogScan;
namespace fs = std::filesystem;

namespace {

std::string key_of(int i) {
  std::string key;
  base::put_u32(key, static_cast<std::uint32_t>(i));
  return key;
}

void put(kv::Store& store, int first, int count, std::size_t value_bytes = 100) {
  for (int i = first; i < first + count; ++i) {
    Batch batch;
    batch.put(Family::kItems, key_of(i), std::string(value_bytes, static_cast<char>('a' + i % 26)));
    store.commit(batch);
  }
}

int count(const kv::Store& store) {
  int keys = 0;
  const auto cursor = store.cursor(Family::kItems);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) ++keys;
  return keys;
}

// Copies a store as a kill would leave it. RocksDB removes old files in the background: a copy that
// met one of them on its way out mixes two moments, and is made anew.
fs::path image_of(const fs::path& directory, const fs::path& to) {
  for (bool whole = false; !whole;) {
    fs::remove_all(to);
    fs::create_directories(to);
    whole = true;
    for (const auto& entry : fs::directory_iterator(directory)) {
      std::error_code error;
      fs::copy_file(entry.path(), to / entry.path().filename(), error);
      if (error == std::errc::no_such_file_or_directory) {
        whole = false;
        break;
      }
      if (error) throw fs::filesystem_error("cannot copy", entry.path(), to, error);
    }
  }
  return to;
}

std::vector<fs::path> logs_of(const fs::path& directory) {
  std::vector<fs::path> logs;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == ".log") logs.push_back(entry.path());
  }
  std::sort(logs.begin(), logs.end());
  return logs;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void flip(const fs::path& path, std::size_t offset) {
  std::string bytes = read(path);
  bytes.at(offset) = static_cast<char>(bytes.at(offset) ^ 0x10);
  write(path, bytes);
}

// As if the machine had been started again since.
void change_boot(const fs::path& directory) { flip(directory / "LOGMARKS", 12); }

kv::OpenOptions options_for(const fs::path& directory, Durability durability = Durability::kProcess,
                            Damage damage = Damage::kRefuse) {
  kv::OpenOptions options;
  options.directory = directory;
  options.durability = durability;
  options.damage = damage;
  options.aside = directory.parent_path() / (directory.filename().string() + "-aside");
  return options;
}

std::string refusal(const kv::OpenOptions& options) {
  try {
    kv::open_rocks_store(options);
  } catch (const base::StorageFault& fault) {
    return fault.what();
  }
  return "";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("LogScan: a log is whole up to its end, and cut anywhere else") {
  const tests::ScratchFolder scratch;
  const auto store = kv::open_rocks_store(options_for(scratch / "store"));
  put(*store, 0, 40, 100);
  put(*store, 40, 3, 100'000);  // spans blocks
  put(*store, 43, 7, 3'000);
  const fs::path log = logs_of(scratch / "store").back();
  const std::string bytes = read(log);
  const LogScan whole = kv::scan_log(log, 0);
  CHECK(whole.ending == LogScan::Ending::kWhole);
  CHECK(whole.size_bytes == bytes.size());
  CHECK(whole.valid_bytes == bytes.size());
  CHECK(whole.before.records == 50);
  CHECK(whole.before.changes == 50);
  CHECK(whole.behind.records == 0);

  std::uint64_t records = 0;
  for (std::size_t size = 0; size < bytes.size(); size += 997) {
    write(scratch / "cut", std::string_view(bytes).substr(0, size));
    const LogScan cut = kv::scan_log(scratch / "cut", size / 2);
    CHECK(cut.ending != LogScan::Ending::kBroken);
    CHECK(cut.valid_bytes <= size);
    CHECK(cut.valid_bytes_marked <= size / 2);
    CHECK((cut.ending == LogScan::Ending::kWhole) == (cut.valid_bytes == size));
    CHECK(cut.before.records >= records);
    records = cut.before.records;
  }
}

TEST_CASE("LogScan: a flipped byte and a hole are broken, with good records behind") {
  const tests::ScratchFolder scratch;
  const auto store = kv::open_rocks_store(options_for(scratch / "store"));
  put(*store, 0, 2'000);
  const std::string bytes = read(logs_of(scratch / "store").back());
  const fs::path damaged = scratch / "damaged";
  for (std::size_t place = 3; place + 5'000 < bytes.size(); place += 9'973) {
    write(damaged, bytes);
    flip(damaged, place);
    const LogScan flipped = kv::scan_log(damaged, 0);
    CHECK(flipped.ending == LogScan::Ending::kBroken);
    CHECK(flipped.valid_bytes <= place);
    CHECK(flipped.before.records + flipped.behind.records < 2'000);
    CHECK(flipped.behind.records > 0);

    std::string hole = bytes;
    std::fill_n(hole.begin() + static_cast<std::ptrdiff_t>(place), 4096, '\0');
    write(damaged, hole);
    CHECK(kv::scan_log(damaged, 0).ending == LogScan::Ending::kBroken);
  }
}

TEST_CASE("rocks_store: the torn end of a write that nobody was promised is dropped") {
  const auto durability = GENERATE(Durability::kProcess, Durability::kPower);
  const tests::ScratchFolder scratch;
  const auto store = kv::open_rocks_store(options_for(scratch / "store", durability));
  put(*store, 0, 50);
  const fs::path image = image_of(scratch / "store", scratch / "image");
  put(*store, 50, 1, 70'000);
  const fs::path log = logs_of(image).back();
  const std::size_t acknowledged = read(log).size();
  const std::string longer = read(logs_of(scratch / "store").back());
  for (const std::size_t extra :
       {std::size_t{1}, std::size_t{6}, std::size_t{40'000}, longer.size() - acknowledged - 1}) {
    const fs::path copy = image_of(image, scratch / ("copy" + std::to_string(extra)));
    write(copy / log.filename(), std::string_view(longer).substr(0, acknowledged + extra));
    const auto opened = kv::open_rocks_store(options_for(copy, durability));
    CHECK(count(*opened) == 50);
    CHECK(opened->loss() == kv::Loss::kNone);
    put(*opened, 60, 1);
  }
  // What was written whole is kept, acknowledged or not.
  write(log, longer);
  CHECK(count(*kv::open_rocks_store(options_for(image, durability))) == 51);
}

TEST_CASE("rocks_store: the end of a record that was still being appended is dropped") {
  // Marks count what was appended, and a long record is appended in pieces.
  const tests::ScratchFolder scratch;
  const auto store = kv::open_rocks_store(options_for(scratch / "store"));
  put(*store, 0, 5);
  put(*store, 5, 1, 200'000);
  const fs::path image = image_of(scratch / "store", scratch / "image");
  const fs::path log = logs_of(image).back();
  const std::string bytes = read(log);
  std::string marks = read(image / "LOGMARKS");
  const std::size_t middle = bytes.size() - 50'000;
  write(log, std::string_view(bytes).substr(0, middle));
  // The slot of the log: behind the header, number and then acknowledged bytes.
  std::string mark;
  base::put_u64(mark, middle);
  for (std::size_t slot = 64; slot + 16 <= marks.size(); slot += 16) {
    if (base::read_u64(marks.substr(slot + 8, 8)) == bytes.size()) marks.replace(slot + 8, 8, mark);
  }
  write(image / "LOGMARKS", marks);
  CHECK(count(*kv::open_rocks_store(options_for(image))) == 5);
}

TEST_CASE("rocks_store: a torn log takes no later log with it") {
  // A start in between keeps the old log and writes a new one; the old one's unacknowledged end is
  // torn by a power cut later.
  const tests::ScratchFolder scratch;
  const auto power = Durability::kPower;
  auto store = kv::open_rocks_store(options_for(scratch / "store", power));
  put(*store, 0, 5);
  const fs::path first = image_of(scratch / "store", scratch / "first");
  put(*store, 5, 1, 50'000);
  const fs::path old_log = logs_of(first).back();
  const std::size_t acknowledged = read(old_log).size();
  write(old_log, read(logs_of(scratch / "store").back()));
  const std::size_t unacknowledged = read(old_log).size();
  store = kv::open_rocks_store(options_for(first, power));
  CHECK(count(*store) == 6);
  put(*store, 100, 20);
  for (const std::size_t size :
       {acknowledged, acknowledged + 3, (acknowledged + unacknowledged) / 2, unacknowledged - 1}) {
    const fs::path second = image_of(first, scratch / ("second" + std::to_string(size)));
    fs::resize_file(second / old_log.filename(), size);
    const auto opened = kv::open_rocks_store(options_for(second, power));
    CHECK(count(*opened) == 25);
    CHECK(opened->get(Family::kItems, key_of(119)));
  }
}

TEST_CASE("rocks_store: damage of a log stops the start, and --repair keeps the log aside") {
  const auto durability = GENERATE(Durability::kProcess, Durability::kPower);
  const tests::ScratchFolder scratch;
  const auto store = kv::open_rocks_store(options_for(scratch / "store", durability));
  put(*store, 0, 300);
  const fs::path image = image_of(scratch / "store", scratch / "image");
  const fs::path log = logs_of(image).back();
  const std::string bytes = read(log);
  SECTION("a flipped byte") { flip(log, bytes.size() / 2); }
  SECTION("a flipped byte in the last record") { flip(log, bytes.size() - 10); }
  SECTION("a cut") { fs::resize_file(log, bytes.size() / 2); }
  SECTION("a lost last byte") { fs::resize_file(log, bytes.size() - 1); }
  SECTION("a hole") {
    write(log, bytes.substr(0, 9'000) + std::string(4096, '\0') + bytes.substr(13'096));
  }
  const std::string before = read(log);
  const std::string line = refusal(options_for(image, durability));
  CHECK(contains(line, log.string()));
  CHECK(contains(line, "--repair"));
  CHECK(!contains(line, "\n"));
  CHECK(read(log) == before);

  const kv::OpenOptions repair = options_for(image, durability, Damage::kSetAside);
  {
    const auto opened = kv::open_rocks_store(repair);
    const int kept = count(*opened);
    CHECK(kept < 300);
    CHECK(opened->loss() == kv::Loss::kAcknowledged);
    for (int i = 0; i < kept; ++i) CHECK(opened->get(Family::kItems, key_of(i)));
    put(*opened, 1'000, 1);
  }
  CHECK(read(repair.aside / "image" / log.filename()) == before);
  CHECK(contains(read(repair.aside / "dropped.txt"), log.filename().string()));
  // From then on it is like any other.
  const auto again = kv::open_rocks_store(options_for(image, durability));
  CHECK(again->loss() == kv::Loss::kNone);
  CHECK(again->get(Family::kItems, key_of(1'000)));
}

TEST_CASE("rocks_store: a log that is missing stops the start") {
  const tests::ScratchFolder scratch;
  auto store = kv::open_rocks_store(options_for(scratch / "store"));
  put(*store, 0, 10);
  store.reset();
  store = kv::open_rocks_store(options_for(scratch / "store"));
  put(*store, 10, 10);
  const fs::path image = image_of(scratch / "store", scratch / "image");
  const std::vector<fs::path> logs = logs_of(image);
  REQUIRE(logs.size() == 2);
  const bool first = GENERATE(true, false);
  const fs::path gone = logs[first ? 0 : 1];
  fs::remove(gone);
  const std::string line = refusal(options_for(image));
  CHECK(contains(line, gone.string() + " is missing"));
  CHECK(contains(line, "--repair"));
  const auto opened =
      kv::open_rocks_store(options_for(image, Durability::kProcess, Damage::kSetAside));
  CHECK(count(*opened) == (first ? 0 : 10));
  CHECK(opened->loss() == kv::Loss::kAcknowledged);
}

TEST_CASE(
    "rocks_store: after a power cut the unsynced end of a log may be missing, a hole may not") {
  const tests::ScratchFolder scratch;
  const auto store = kv::open_rocks_store(options_for(scratch / "store"));
  put(*store, 0, 300);
  const fs::path image = image_of(scratch / "store", scratch / "image");
  change_boot(image);
  const fs::path log = logs_of(image).back();
  const std::string bytes = read(log);
  SECTION("the end") {
    fs::resize_file(log, bytes.size() / 2);
    {
      const auto opened = kv::open_rocks_store(options_for(image));
      CHECK(opened->loss() == kv::Loss::kAcknowledged);
      CHECK(count(*opened) > 100);
    }
    CHECK(kv::open_rocks_store(options_for(image))->loss() == kv::Loss::kNone);
  }
  SECTION("a hole") {
    flip(log, bytes.size() / 2);
    CHECK(contains(refusal(options_for(image)), "--repair"));
  }
}

TEST_CASE("rocks_store: power keeps what it promised across power cuts") {
  const tests::ScratchFolder scratch;
  const auto store = kv::open_rocks_store(options_for(scratch / "store", Durability::kPower));
  put(*store, 0, 300);
  const fs::path image = image_of(scratch / "store", scratch / "image");
  change_boot(image);
  const fs::path log = logs_of(image).back();
  fs::resize_file(log, fs::file_size(log) - 1);
  CHECK(contains(refusal(options_for(image, Durability::kPower)), "--repair"));
}

TEST_CASE("rocks_store: a folder without marks opens, torn tails and all, but not with a hole") {
  const tests::ScratchFolder scratch;
  const auto store = kv::open_rocks_store(options_for(scratch / "store"));
  put(*store, 0, 300);
  const fs::path image = image_of(scratch / "store", scratch / "image");
  fs::remove(image / "LOGMARKS");
  const fs::path log = logs_of(image).back();
  const std::string bytes = read(log);
  SECTION("whole") { CHECK(count(*kv::open_rocks_store(options_for(image))) == 300); }
  SECTION("torn") {
    fs::resize_file(log, bytes.size() - 20);
    CHECK(count(*kv::open_rocks_store(options_for(image))) == 299);
  }
  SECTION("a hole") {
    flip(log, bytes.size() / 2);
    CHECK(contains(refusal(options_for(image)), "--repair"));
  }
}

TEST_CASE("rocks_store: a database whose CURRENT is gone is damaged and not new") {
  const tests::ScratchFolder scratch;
  auto store = kv::open_rocks_store(options_for(scratch / "store"));
  put(*store, 0, 300);
  store.reset();
  fs::remove(scratch / "store" / "CURRENT");
  const auto logs = logs_of(scratch / "store");
  CHECK(contains(refusal(options_for(scratch / "store")), "CURRENT is missing"));
  CHECK(logs_of(scratch / "store") == logs);
  store =
      kv::open_rocks_store(options_for(scratch / "store", Durability::kProcess, Damage::kSetAside));
  CHECK(count(*store) == 300);
}
