#include "engines/kv/rocks_log_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>

#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/kv/rocks_file_system.h"
#include "engines/kv/rocks_log_scan.h"

namespace bodega::kv {
namespace {

namespace fs = std::filesystem;

struct Found {
  fs::path path;
  std::optional<std::uint64_t> mark;  // acknowledged bytes
  LogScan scan;
};

enum class Finding : std::uint8_t { kWhole, kTornTail, kLostWithTheMachine, kDamage };

Finding judge(const Found& log, bool end_may_be_missing) {
  const LogScan& scan = log.scan;
  if (!log.mark) {
    if (scan.ending == LogScan::Ending::kWhole) return Finding::kWhole;
    return scan.behind.records == 0 ? Finding::kTornTail : Finding::kDamage;
  }
  const bool was_being_written =
      scan.ending == LogScan::Ending::kCut && scan.size_bytes >= *log.mark;
  if (scan.valid_bytes >= *log.mark || was_being_written) {
    return scan.ending == LogScan::Ending::kWhole ? Finding::kWhole : Finding::kTornTail;
  }
  return end_may_be_missing && scan.behind.records == 0 ? Finding::kLostWithTheMachine
                                                        : Finding::kDamage;
}

std::string count_of(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string count_of(const LogScan::Count& count) {
  return count_of(count.records, "record") + " with " + count_of(count.changes, "change");
}

// "DIR/000012.log is broken at byte 812 of 4096"
std::string describe(const Found& log) {
  const LogScan& scan = log.scan;
  if (log.mark && scan.size_bytes < *log.mark) {
    return log.path.string() + " holds " + count_of(scan.size_bytes, "byte") + " of " +
           std::to_string(*log.mark) + " that were written";
  }
  return log.path.string() + " is broken at byte " + std::to_string(scan.valid_bytes) + " of " +
         std::to_string(scan.size_bytes) +
         (scan.behind.records > 0 ? ", with " + count_of(scan.behind) + " behind it" : "");
}

void cut(const fs::path& log, std::uint64_t size_bytes) {
  const int fd = ::open(log.c_str(), O_WRONLY | O_CLOEXEC);
  const bool done =
      fd >= 0 && ::ftruncate(fd, static_cast<off_t>(size_bytes)) == 0 && ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!done) throw base::StorageFault("cannot cut " + log.string() + ": " + std::strerror(error));
}

class Checker {
 public:
  Checker(LogMarks& marks, Aside& aside, Damage damage, LogCheck check)
      : marks_(marks),
        aside_(aside),
        damage_(damage),
        check_(check),
        end_may_be_missing_(!marks.same_boot() && marks.durability() != Durability::kPower) {}

  bool run() {
    std::map<std::uint64_t, Found> logs = find();  // oldest first
    for (const LogMarks::Mark& mark : marks_.all()) {
      if (!logs.contains(mark.log)) missing(mark);
    }
    for (const auto& [number, log] : logs) {
      if (number > damaged_from_) {
        give_up(number, log, 0);
      } else {
        settle(number, log);
      }
    }
    return lost_acknowledged_;
  }

 private:
  std::map<std::uint64_t, Found> find() const {
    std::map<std::uint64_t, Found> logs;
    std::error_code error;
    for (fs::directory_iterator entry(marks_.directory(), error), end; !error && entry != end;
         entry.increment(error)) {
      const auto number = log_number(entry->path());
      if (!number) continue;
      const auto mark = marks_.acknowledged(*number);
      logs.emplace(*number, Found{entry->path(), mark, scan_log(entry->path(), mark.value_or(0))});
    }
    if (error) {
      throw base::StorageFault("cannot list " + marks_.directory().string() + ": " +
                               error.message());
    }
    return logs;
  }

  void missing(const LogMarks::Mark& mark) {
    std::array<char, 32> name;
    std::snprintf(name.data(), name.size(), "%06llu.log",
                  static_cast<unsigned long long>(mark.log));
    const std::string what = (marks_.directory() / name.data()).string() + " is missing";
    if (mark.acknowledged_bytes > 0) {
      lost_acknowledged_ = true;
      if (end_may_be_missing_) {
        log::warn(what + " since the machine went down: the changes in it are lost");
      } else {
        if (damage_ == Damage::kRefuse) refuse(what);
        aside_.note(what + ": the changes in it are lost");
        damaged_from_ = std::min(damaged_from_, mark.log);
      }
    }
    marks_.remove(mark.log);
  }

  void settle(std::uint64_t number, const Found& log) {
    const std::uint64_t valid = log.scan.valid_bytes;
    switch (judge(log, end_may_be_missing_)) {
      case Finding::kWhole: break;
      case Finding::kTornTail:
        if (check_ == LogCheck::kStart) {
          log::warn(describe(log) + ": dropped the end of a write that was never acknowledged");
        }
        cut(log.path, valid);
        break;
      case Finding::kLostWithTheMachine:
        log::warn(describe(log) +
                  ": the machine went down before the rest was on the disk, so acknowledged "
                  "changes are lost (--durability power would have kept them)");
        lost_acknowledged_ = true;
        cut(log.path, valid);
        marks_.lower(number, valid);
        return;
      case Finding::kDamage:
        if (damage_ == Damage::kRefuse) refuse(describe(log));
        give_up(number, log, valid);
        damaged_from_ = number;
        return;
    }
    if (check_ == LogCheck::kRecovery && log.mark && *log.mark < valid) {
      cut(log.path, log.scan.valid_bytes_marked);
    }
    if (!log.mark) marks_.add(number, valid);
  }

  // Drops all behind `from`, and keeps the file as it is aside. What later logs hold was built upon
  // what is lost, so they go whole.
  void give_up(std::uint64_t number, const Found& log, std::uint64_t from) {
    LogScan::Count dropped = log.scan.behind;
    if (from == 0) {
      dropped.records += log.scan.before.records;
      dropped.changes += log.scan.before.changes;
    }
    aside_.keep(log.path);
    aside_.note(log.path.string() + ": dropped all behind byte " + std::to_string(from) + " of " +
                std::to_string(log.scan.size_bytes) + ", " + count_of(dropped) + " of it readable");
    cut(log.path, from);
    marks_.add(number, from);
    lost_acknowledged_ = true;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw base::StorageFault("the data folder is damaged: " + what +
                             ". Restore a copy of the folder, or start once with --repair, which "
                             "drops the changes from there on and keeps the damaged files in " +
                             aside_.folder().string());
  }

  LogMarks& marks_;
  Aside& aside_;
  const Damage damage_;
  const LogCheck check_;
  // Whether unsynced ends of logs may have gone with the machine.
  const bool end_may_be_missing_;
  std::uint64_t damaged_from_ = UINT64_MAX;  // the log behind which nothing is kept
  bool lost_acknowledged_ = false;
};

}  // namespace

Loss check_logs(LogMarks& marks, Aside& aside, Damage damage, LogCheck check) {
  return Checker(marks, aside, damage, check).run() ? Loss::kAcknowledged : Loss::kNone;
}

}  // namespace bodega::kv
