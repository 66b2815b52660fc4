#include "protocol/redis/instance/snapshots.h"

#include "engines/base/log.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/rdb_form.h"
#include "protocol/redis/rdb/file.h"
#include "protocol/redis/wire/library_header.h"

namespace bodega::redis {
namespace {

UseShown use_shown(Instance& instance) {
  const std::string_view policy = instance.parameters().text("maxmemory-policy");
  if (policy.ends_with("-lfu")) return UseShown::kFrequency;
  return policy.ends_with("-lru") ? UseShown::kIdle : UseShown::kNone;
}

// Takes the code of a library; what is wrong with it, in words.
std::string take_library(Instance& instance, std::string_view code) {
  try {
    instance.keyspace().put_library(parse_library(code).name, code);
  } catch (const Error& error) {
    return error.text();
  }
  if (instance.script_host != nullptr) instance.script_host->libraries_changed();
  return {};
}

// While it lives, nobody hears of changes of the keyspace.
class Unobserved {
 public:
  explicit Unobserved(Instance& instance) : instance_(instance) {
    instance.observe(Instance::Heard::kNo);
  }
  ~Unobserved() { instance_.observe(Instance::Heard::kYes); }
  Unobserved(const Unobserved&) = delete;
  Unobserved& operator=(const Unobserved&) = delete;

 private:
  Instance& instance_;
};

void write_file(Instance& instance) {
  const std::filesystem::path folder = instance.parameters().text("dir");
  const std::filesystem::path path = folder / instance.parameters().text("dbfilename");
  const std::string failure = write_rdb_file(
      path, [&](FileSink sink) { put_snapshot(instance, rdb_form_of(instance), sink); });
  if (failure.empty()) return;
  log::error("redis: the snapshot is not written: " + failure);
  throw Error("ERR " + failure);
}

void save_whole(Instance& instance) {
  instance.commit_now();
  if (instance.options().save) instance.options().save();
  if (!instance.options().data_directory.empty()) write_file(instance);
}

}  // namespace

SnapshotFacts snapshot_facts(Instance& instance, const RdbForm& form) {
  SnapshotFacts facts{.form = form, .use = use_shown(instance), .auxiliary = {}, .libraries = {}};
  for (const auto& [name, code] : instance.keyspace().libraries()) facts.libraries.push_back(code);
  facts.auxiliary = {
      {"redis-ver", std::string(Instance::kVersion)},
      {"redis-bits", "64"},
      {"ctime", std::to_string(instance.clock().now_ms() / 1000)},
      {"used-mem", std::to_string(instance.used_memory())},
      {"aof-base", "0"},
  };
  return facts;
}

void put_snapshot(Instance& instance, const RdbForm& form,
                  base::FunctionRef<void(std::string_view)> sink) {
  put_snapshot(instance.keyspace(), snapshot_facts(instance, form), sink);
}

void save_snapshot(Instance& instance) {
  SnapshotRecord& record = instance.snapshots;
  const std::int64_t started_ms = instance.clock().now_ms();
  record.last_failed = true;
  save_whole(instance);
  const std::int64_t now_ms = instance.clock().now_ms();
  record.last_failed = false;
  ++record.saves;
  record.last_duration_s = (now_ms - started_ms) / 1000;
  record.last_save_s = now_ms / 1000;
  record.saved_changes = instance.keyspace().change_count();
}

SnapshotRead import_snapshot(Instance& instance, const std::filesystem::path& path) {
  RdbFile file(path);
  if (!file.failure().empty()) throw Error("ERR " + file.failure());
  keyspace::Engine& keyspace = instance.keyspace();
  keyspace.refresh_now();
  RdbInput input(file.size_bytes(), file.reader());
  SnapshotRead read = read_snapshot(
      input, keyspace, [&instance](std::string_view code) { return take_library(instance, code); });
  if (!file.failure().empty()) read.failure = file.failure();
  if (!read.failure.empty()) {
    instance.clear();
    throw Error("ERR " + path.string() + ": " + read.failure);
  }
  instance.commit_now();
  instance.snapshots.loaded_keys = read.keys;
  instance.snapshots.loaded_expired = read.expired;
  return read;
}

void reload_from_snapshot(Instance& instance) {
  std::string bytes;
  put_snapshot(instance, rdb_form_of(instance), [&](std::string_view piece) { bytes += piece; });
  const Unobserved unobserved(instance);
  keyspace::Engine& keyspace = instance.keyspace();
  keyspace.flush_all();
  RdbInput input(bytes);
  const SnapshotRead read = read_snapshot(
      input, keyspace, [&instance](std::string_view code) { return take_library(instance, code); });
  if (read.failure.empty()) return;
  keyspace.give_up_everything();
  throw Error("ERR Error trying to load the RDB dump: " + read.failure);
}

}  // namespace bodega::redis
