// Sections: the named sections of a world's databases: its keyspaces, and, in the main world, the
// worlds beside it. Each has a number that is never given again; its keys begin with it.
//
//   tag | 00 | name        -> number u32           in Family::kMeta
//   tag | 01               -> the next number u32  in Family::kMeta
//   tag | 03 | number u32  -> nothing: dropped, its keys are yet to be removed   in Family::kMeta
//   tag | 02 | number u32 | key of the section     in every family
//
// A name is dropped at once, its keys when no user of them is left: at the latest when the folder
// is opened again.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/mutex.h"
#include "engines/kv/store.h"

namespace bodega::world {

// Each kind of section has its tag, the first byte of its keys.
enum class SectionKind : std::uint8_t { kKeyspace = 0xfd, kWorld = 0xfe };

// Behind all keys of what shares a database with sections and is none itself.
inline constexpr std::string_view kBeforeSections = "\xfd";

class Sections {
 public:
  // Reads the names that `names` holds, a store of the database that has Family::kMeta; it must
  // outlive this. Throws StorageFault.
  Sections(kv::Store& names, SectionKind kind);
  Sections(const Sections&) = delete;
  Sections& operator=(const Sections&) = delete;

  // What follows is thread-safe.

  struct Named {
    std::string name;
    std::uint32_t number;
  };
  std::vector<Named> list() const;  // in the order of the names
  std::optional<std::uint32_t> find(std::string_view name) const;

  // Gives the name a number. REQUIRES: it has none. Throws StorageFault.
  std::uint32_t add(std::string_view name);

  // The name is free again. The keys stay until remove_dropped() finds that `user` is not held
  // any more. False: there is no such name. Throws StorageFault.
  bool drop(std::string_view name, std::weak_ptr<const void> user);

  // Has `remove_keys` remove the keys of each section that was dropped and is used no more. Throws
  // what it throws, and StorageFault; it may be called again then.
  void remove_dropped(const std::function<void(std::uint32_t number)>& remove_keys);

  // What the keys of a section begin with.
  std::string prefix(std::uint32_t number) const;

 private:
  struct Dropped {
    std::uint32_t number;
    std::weak_ptr<const void> user;
  };

  std::optional<std::uint32_t> take_unused();

  kv::Store& names_store_;
  const char tag_;
  mutable base::Mutex mutex_;
  std::map<std::string, std::uint32_t, std::less<>> names_ GUARDED_BY(mutex_);
  std::uint32_t next_ GUARDED_BY(mutex_) = 1;
  std::vector<Dropped> dropped_ GUARDED_BY(mutex_);
};

// Removes every key of `database` in `whole` that begins with `prefix`.
void remove_section(kv::Store& whole, kv::Database database, const std::string& prefix);

}  // namespace bodega::world
