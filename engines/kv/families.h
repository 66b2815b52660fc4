// The column families: which there are, which database they live in, and what each is for. A new
// family is one row here. The numbers never reach the disk, the names do.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace bodega::kv {

// The two databases of a world. Objects and tables share one, so that a batch can span them. The
// keyspace has its own, because its memtable takes one writer and no reads while it runs.
enum class Database : std::uint8_t { kShared, kKeyspace };

enum class Family : std::uint8_t {
  kMeta,       // the world itself: format version
  kS3Buckets,  // bucket name -> bucket record
  kS3Objects,  // bucket, key, version -> object record (small bytes inline)
  kS3Uploads,  // multipart uploads and their parts
  kTables,     // account, region, table name -> table record
  kItems,      // table id, key hash, key -> item
  kIndexes,    // table id, index id, index key, table key -> projected item
  kJournal,    // sources of changes, and their events in order
  kVault,      // account, region, key id -> key record; material, aliases, grants
  kIdentity,   // access key id -> session
  kKeys,       // keyspace: database, key -> type, object id, expiry, short strings inline
  kElements,   // keyspace: object id, field or member or position -> value
  kCount
};

struct FamilyRow {
  Family family;
  Database database;
  std::string_view name;  // on disk; never changes once released
};

inline constexpr std::array<FamilyRow, static_cast<std::size_t>(Family::kCount)> kFamilies{{
    {Family::kMeta, Database::kShared, "default"},
    {Family::kS3Buckets, Database::kShared, "s3_buckets"},
    {Family::kS3Objects, Database::kShared, "s3_objects"},
    {Family::kS3Uploads, Database::kShared, "s3_uploads"},
    {Family::kTables, Database::kShared, "tables"},
    {Family::kItems, Database::kShared, "items"},
    {Family::kIndexes, Database::kShared, "indexes"},
    {Family::kJournal, Database::kShared, "journal"},
    {Family::kVault, Database::kShared, "vault"},
    {Family::kIdentity, Database::kShared, "identity"},
    {Family::kKeys, Database::kKeyspace, "default"},
    {Family::kElements, Database::kKeyspace, "elements"},
}};

}  // namespace bodega::kv
