// What a seed file asks for, read and checked as far as that goes without a service: buckets with
// files, tables with items, keys of Redis, keys of KMS. docs/seed.md shows the form.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/seed/document.h"

namespace bodega::server {

using Pairs = std::vector<std::pair<std::string, std::string>>;

struct FileSeed {
  std::size_t line = 0;
  std::string key;
  std::string content_type;
  Pairs metadata;
  std::string bytes;
  std::filesystem::path path;  // where the bytes are; empty: above
};

struct BucketSeed {
  std::size_t line = 0;
  std::string name;
  std::string region;      // empty: the seed's
  std::string versioning;  // "Enabled", "Suspended" or empty
  Pairs tags;
  std::vector<FileSeed> files;
};

struct ItemSeed {
  std::size_t line = 0;
  std::string json;  // attribute values, as PutItem has them
};

struct TableSeed {
  std::size_t line = 0;
  std::string name;
  std::string json;          // CreateTable's request
  std::string time_to_live;  // UpdateTimeToLive's request, or empty
  std::string hash_key;      // the name of the attribute
  std::vector<ItemSeed> items;
};

// Made by `command` where the key is not there.
struct KeySeed {
  std::size_t line = 0;
  std::string key;
  unsigned database = 0;
  std::vector<std::string> command;
  std::string ttl_s;  // or empty
};

struct KmsSeed {
  std::size_t line = 0;
  std::string alias;
  std::string json;  // CreateKey's request
};

struct Seed {
  std::string name;  // of the file, for messages
  std::string account = "000000000000";
  std::string region = "us-east-1";
  std::vector<BucketSeed> buckets;
  std::vector<TableSeed> tables;
  std::vector<KeySeed> keys;
  std::vector<KmsSeed> kms;
};

// Reads the file and all that it names. Throws std::runtime_error, in one line for a person that
// begins with the file and the line: "seed.yaml:7: …".
Seed read_seed(const std::filesystem::path& path);

// The same for a text whose files lie in `folder`. Throws SeedError.
Seed parse_seed(std::string_view text, Syntax syntax, const std::filesystem::path& folder);

}  // namespace bodega::server
