// Writing snapshots (snapshot.h).
#include <cstdio>

#include "engines/base/crc.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/rdb/snapshot.h"

namespace bodega::redis {
namespace {

// The sink is handed pieces of about this size.
constexpr std::size_t kPieceBytes = 256 * 1024;

class Writer {
 public:
  Writer(const keyspace::Engine& keyspace, const SnapshotFacts& facts,
         base::FunctionRef<void(std::string_view)> sink)
      : keyspace_(keyspace), facts_(facts), sink_(sink) {}

  void write() {
    char magic[16];
    std::snprintf(magic, sizeof magic, "REDIS%04u", facts_.form.version);
    out_ += magic;
    for (const auto& [name, value] : facts_.auxiliary) {
      put_code(SnapshotCode::kAuxiliary);
      put_text(out_, name, Compression::kNone);
      put_text(out_, value, Compression::kNone);
    }
    for (const std::string& code : facts_.libraries) {
      put_code(SnapshotCode::kFunction2);
      put_text(out_, code, facts_.form.compression);
    }
    for (unsigned db = 0; db < keyspace_.database_count(); ++db) put_database(db);
    put_code(SnapshotCode::kEnd);
    hand_over();
    put_little_endian(out_, checksum_, sizeof checksum_);
    sink_(out_);
  }

 private:
  void put_code(SnapshotCode code) { out_.push_back(static_cast<char>(code)); }

  void hand_over() {
    checksum_ = base::crc64redis(out_, checksum_);
    sink_(out_);
    out_.clear();
  }

  void put_database(unsigned db) {
    if (keyspace_.size(db) == 0) return;
    put_code(SnapshotCode::kSelectDb);
    put_length(out_, db);
    put_code(SnapshotCode::kResizeDb);
    put_length(out_, keyspace_.size(db));
    put_length(out_, keyspace_.expiring_count(db));
    keyspace_.for_each(db, [&](const keyspace::Entry& entry) {
      put_key(db, entry);
      if (out_.size() >= kPieceBytes) hand_over();
    });
  }

  void put_key(unsigned db, const keyspace::Entry& entry) {
    if (entry.has_expiry()) {
      put_code(SnapshotCode::kExpiryMs);
      put_little_endian(out_, static_cast<std::uint64_t>(keyspace_.expiry_of(db, entry)), 8);
    }
    if (facts_.use == UseShown::kIdle) {
      put_code(SnapshotCode::kIdle);
      put_length(out_, static_cast<std::uint64_t>(keyspace_.idle_seconds(entry)));
    }
    if (facts_.use == UseShown::kFrequency) {
      put_code(SnapshotCode::kFrequency);
      out_.push_back(static_cast<char>(keyspace_.frequency(entry)));
    }
    out_.push_back(static_cast<char>(object_type_of(entry, facts_.form)));
    put_text(out_, entry.key(), facts_.form.compression);
    put_value(out_, entry, facts_.form);
  }

  const keyspace::Engine& keyspace_;
  const SnapshotFacts& facts_;
  base::FunctionRef<void(std::string_view)> sink_;
  std::string out_;
  std::uint64_t checksum_ = 0;
};

}  // namespace

void put_snapshot(const keyspace::Engine& keyspace, const SnapshotFacts& facts,
                  base::FunctionRef<void(std::string_view)> sink) {
  Writer(keyspace, facts, sink).write();
}

}  // namespace bodega::redis
