// The kinds of values in the RDB format, each a form in which a Redis version wrote a type: the
// first byte of a DUMP payload, and of each key in an RDB file. Their bodies are in
// value_reader.cc, which reads all but modules, and in value_writer.cc.
#pragma once

#include <cstdint>

namespace bodega::redis {

enum class ObjectType : std::uint8_t {
  kString = 0,
  kList = 1,
  kSet = 2,
  kSortedSetText = 3,  // scores as text
  kHash = 4,
  kSortedSet = 5,
  kModulePreGa = 6,
  kModule = 7,
  kHashZipmap = 9,
  kListZiplist = 10,
  kSetIntset = 11,
  kSortedSetZiplist = 12,
  kHashZiplist = 13,
  kListQuicklist = 14,  // of ziplists
  kStream1 = 15,
  kHashListpack = 16,
  kSortedSetListpack = 17,
  kListQuicklist2 = 18,  // of listpacks and of large elements
  kStream2 = 19,
  kSetListpack = 20,
  kStream3 = 21,
  kHashFieldExpiryPreGa = 22,
  kHashFieldExpiryListpackPreGa = 23,
  kHashFieldExpiry = 24,
  kHashFieldExpiryListpack = 25,
};

// How a node of a kListQuicklist2 holds its elements.
inline constexpr std::uint64_t kPlainNode = 1;   // it is one
inline constexpr std::uint64_t kPackedNode = 2;  // a listpack of them

}  // namespace bodega::redis
