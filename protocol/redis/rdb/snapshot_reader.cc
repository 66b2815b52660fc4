// Reading snapshots (snapshot.h).
#include <optional>

#include "engines/base/number_text.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/rdb/footer.h"
#include "protocol/redis/rdb/snapshot.h"
#include "protocol/redis/rdb/value_reader.h"

namespace bodega::redis {
namespace {

constexpr std::string_view kMagic = "REDIS";
constexpr std::size_t kVersionDigits = 4;
constexpr unsigned kFirstWithChecksum = 5;

// The parts of what a module keeps beside its values, each behind its kind.
enum class ModulePart : std::uint8_t {
  kEnd = 0,
  kSigned = 1,
  kUnsigned = 2,
  kFloat = 3,
  kDouble = 4,
  kText = 5,
};

class Reader {
 public:
  Reader(RdbInput& input, keyspace::Engine& keyspace,
         base::FunctionRef<std::string(std::string_view)> take_library)
      : input_(input), keyspace_(keyspace), take_library_(take_library) {}

  SnapshotRead read() {
    read_version();
    while (input_.ok() && read_part()) {
    }
    if (input_.ok() && version_ >= kFirstWithChecksum) check_sum();
    read_.failure = input_.failure();
    return read_;
  }

 private:
  void read_version() {
    const std::string head(input_.take(kMagic.size() + kVersionDigits));
    if (!input_.ok() || !head.starts_with(kMagic)) return input_.fail("this is no RDB file");
    version_ =
        base::parse_integer<unsigned>(std::string_view(head).substr(kMagic.size())).value_or(0);
    if (version_ < 1 || version_ > kNewestRdbVersion) {
      input_.fail("version " + head.substr(kMagic.size()) + " of the format is not known");
    }
  }

  // False at the end.
  bool read_part() {
    const std::uint8_t code = input_.u8();
    switch (static_cast<SnapshotCode>(code)) {
      case SnapshotCode::kEnd: return false;
      case SnapshotCode::kSelectDb: select_database(); return true;
      case SnapshotCode::kResizeDb: skip_lengths(2); return true;
      case SnapshotCode::kSlotInfo: skip_lengths(3); return true;
      case SnapshotCode::kAuxiliary:
        input_.text();
        input_.text();
        return true;
      case SnapshotCode::kExpirySeconds:
        expiry_ms_ = static_cast<std::int64_t>(input_.little_endian(4)) * 1000;
        return true;
      case SnapshotCode::kExpiryMs:
        expiry_ms_ = static_cast<std::int64_t>(input_.little_endian(8));
        return true;
      case SnapshotCode::kIdle: idle_seconds_ = input_.length(); return true;
      case SnapshotCode::kFrequency: frequency_ = input_.u8(); return true;
      case SnapshotCode::kFunction2: read_library(); return true;
      case SnapshotCode::kFunctionPreGa:
        input_.fail("functions of a version before 7.0");
        return true;
      case SnapshotCode::kModuleAuxiliary: skip_module(); return true;
    }
    read_key(code);
    return true;
  }

  void skip_lengths(int count) {
    for (int i = 0; i < count; ++i) input_.length();
  }

  void select_database() {
    const std::uint64_t db = input_.length();
    if (db >= keyspace_.database_count()) {
      return input_.fail("it has more databases than there are here");
    }
    db_ = static_cast<unsigned>(db);
  }

  void read_library() {
    const std::string code = input_.text();
    if (!input_.ok()) return;
    if (const std::string why = take_library_(code); !why.empty()) input_.fail(why);
  }

  // Its id, then when it was written, then its parts.
  void skip_module() {
    skip_lengths(3);
    while (input_.ok()) {
      switch (static_cast<ModulePart>(input_.length())) {
        case ModulePart::kEnd: return;
        case ModulePart::kSigned:
        case ModulePart::kUnsigned: input_.length(); break;
        case ModulePart::kFloat: input_.take(4); break;
        case ModulePart::kDouble: input_.take(8); break;
        case ModulePart::kText: input_.text(); break;
        default: input_.fail("unknown data of a module");
      }
    }
  }

  void read_key(std::uint8_t kind) {
    const std::string key = input_.text();
    const RdbValue value = read_value(input_, kind);
    if (!input_.ok()) return;
    if (value.is_empty()) {
      ++read_.empty;
    } else if (expiry_ms_ && *expiry_ms_ < keyspace_.now_ms()) {
      ++read_.expired;
    } else if (keyspace_.exists(db_, key)) {
      input_.fail("a key that is there twice");
    } else {
      put_key(key, value);
    }
    expiry_ms_.reset();
    idle_seconds_.reset();
    frequency_.reset();
  }

  void put_key(const std::string& key, const RdbValue& value) {
    store_value(keyspace_, db_, key, value);
    if (expiry_ms_) keyspace_.set_expiry(db_, key, *expiry_ms_);
    const bool lfu = keyspace_.access_policy() == keyspace::AccessPolicy::kLfu;
    if (idle_seconds_ && !lfu) {
      keyspace_.set_idle_seconds(db_, key, static_cast<std::int64_t>(*idle_seconds_));
    }
    if (frequency_ && lfu) keyspace_.set_frequency(db_, key, *frequency_);
    ++read_.keys;
  }

  void check_sum() {
    const std::uint64_t expected = input_.checksum();
    const std::uint64_t written = input_.little_endian(sizeof expected);
    if (written != 0 && written != expected) input_.fail("its checksum is wrong");
  }

  RdbInput& input_;
  keyspace::Engine& keyspace_;
  base::FunctionRef<std::string(std::string_view)> take_library_;
  SnapshotRead read_;
  unsigned version_ = 0;
  unsigned db_ = 0;
  // Of the key that follows.
  std::optional<std::int64_t> expiry_ms_;
  std::optional<std::uint64_t> idle_seconds_;
  std::optional<unsigned> frequency_;
};

}  // namespace

SnapshotRead read_snapshot(RdbInput& input, keyspace::Engine& keyspace,
                           base::FunctionRef<std::string(std::string_view)> take_library) {
  return Reader(input, keyspace, take_library).read();
}

}  // namespace bodega::redis
