// AclLog: what was denied to whom, newest first, as ACL LOG shows it. The same denial within a
// minute is one entry that counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>

namespace bodega::redis {

class AclLog {
 public:
  enum class Reason : std::uint8_t { kCommand, kKey, kChannel, kAuthentication };
  enum class Context : std::uint8_t { kTopLevel, kTransaction, kScript };

  struct Entry {
    Reason reason;
    Context context;
    std::string object;  // the command, key or channel
    std::string user;
    std::string client;  // its line of CLIENT LIST
    std::uint64_t id = 0;
    std::uint64_t count = 1;
    std::int64_t created_ms = 0;
    std::int64_t updated_ms = 0;
  };

  // Sets `id`, `count` and the times. `limit`: how many entries are kept (acllog-max-len).
  void add(Entry entry, std::int64_t now_ms, std::size_t limit);
  void clear() { entries_.clear(); }
  const std::list<Entry>& entries() const { return entries_; }

 private:
  std::list<Entry> entries_;
  std::uint64_t next_id_ = 0;
};

std::string_view name_of(AclLog::Reason reason);
std::string_view name_of(AclLog::Context context);

}  // namespace bodega::redis
