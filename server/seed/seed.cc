#include "server/seed/seed.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>
#include <system_error>

#include "engines/base/bytes.h"
#include "engines/base/number_text.h"
#include "protocol/json/json.h"
#include "server/seed/media_type.h"

namespace bodega::server {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMaxSeedBytes = 64 * 1024 * 1024;
constexpr std::size_t kMaxFiles = 1'000'000;

using Names = std::span<const std::string_view>;

std::string list_of(Names names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " and " : ", ";
    text += names[i];
  }
  return text;
}

void require_map(const Node& node, const std::string& what) {
  if (!node.is_map()) throw SeedError(node.line, what + " is a map of names and values");
}

// A member that is misspelt would be left out without a word.
void check_members(const Node& map, const std::string& what, Names known) {
  require_map(map, what);
  for (const Member& member : map.members) {
    if (std::find(known.begin(), known.end(), member.name) != known.end()) continue;
    throw SeedError(member.line, "\"" + member.name + "\" is no member of " + what + ": " +
                                     list_of(known) + " are");
  }
}

const std::vector<Node>& elements_of(const Node& node, const std::string& what) {
  if (!node.is_list()) throw SeedError(node.line, what + " is a list");
  return node.elements;
}

std::string text_of(const Node& node, const std::string& what) {
  if (!node.is_scalar() || node.is_null()) throw SeedError(node.line, what + " is a text");
  if (node.style != Node::Style::kBinary) return node.text;
  auto bytes = base::from_base64(node.text);
  if (!bytes) throw SeedError(node.line, what + " is not Base64");
  return *std::move(bytes);
}

std::string text_in(const Node& map, std::string_view name, const std::string& what) {
  const Node* node = map.find(name);
  if (node == nullptr) throw SeedError(map.line, what + " has no \"" + std::string(name) + "\"");
  return text_of(*node, "\"" + std::string(name) + "\"");
}

std::string optional_text_in(const Node& map, std::string_view name) {
  const Node* node = map.find(name);
  return node == nullptr ? "" : text_of(*node, "\"" + std::string(name) + "\"");
}

Pairs pairs_in(const Node& map, std::string_view name) {
  Pairs pairs;
  const Node* node = map.find(name);
  if (node == nullptr) return pairs;
  require_map(*node, "\"" + std::string(name) + "\"");
  for (const Member& member : node->members) {
    pairs.emplace_back(member.name, text_of(member.value, "\"" + member.name + "\""));
  }
  return pairs;
}

// ---- Buckets ----

fs::path existing_file(const Node& node, const fs::path& folder) {
  fs::path path = folder / text_of(node, "\"file\"");
  if (!fs::is_regular_file(path) || !std::ifstream(path)) {
    throw SeedError(node.line, "the file " + path.string() + " cannot be read");
  }
  return path;
}

FileSeed read_file(const Node& node, const fs::path& folder) {
  constexpr std::array<std::string_view, 6> kKnown{"key",  "text",         "base64",
                                                   "file", "content-type", "metadata"};
  check_members(node, "a file", kKnown);
  FileSeed file;
  file.line = node.line;
  file.key = text_in(node, "key", "a file");
  file.content_type = optional_text_in(node, "content-type");
  file.metadata = pairs_in(node, "metadata");
  const Node* const text = node.find("text");
  const Node* const base64 = node.find("base64");
  const Node* const path = node.find("file");
  if ((text != nullptr) + (base64 != nullptr) + (path != nullptr) != 1) {
    throw SeedError(node.line, "a file has one of text, base64 and file");
  }
  if (text != nullptr) file.bytes = text_of(*text, "\"text\"");
  if (base64 != nullptr) {
    auto bytes = base::from_base64(text_of(*base64, "\"base64\""));
    if (!bytes) throw SeedError(base64->line, "\"base64\" is not Base64");
    file.bytes = *std::move(bytes);
  }
  if (path != nullptr) file.path = existing_file(*path, folder);
  if (file.content_type.empty()) file.content_type = media_type_of(file.key);
  return file;
}

// Everything below the folder, in the order of the keys.
void add_folder(std::vector<FileSeed>& files, const Node& node, const fs::path& folder) {
  constexpr std::array<std::string_view, 3> kKnown{"folder", "prefix", "metadata"};
  check_members(node, "a folder", kKnown);
  const fs::path root = folder / text_in(node, "folder", "a folder");
  const std::string prefix = optional_text_in(node, "prefix");
  const Pairs metadata = pairs_in(node, "metadata");
  std::vector<FileSeed> found;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(root, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (!at->is_regular_file()) continue;
    if (files.size() + found.size() == kMaxFiles) {
      throw SeedError(node.line, "the folder " + root.string() + " has more than a million files");
    }
    if (!std::ifstream(at->path())) {
      throw SeedError(node.line, "the file " + at->path().string() + " cannot be read");
    }
    FileSeed file;
    file.line = node.line;
    file.key = prefix + at->path().lexically_relative(root).generic_string();
    file.content_type = media_type_of(file.key);
    file.metadata = metadata;
    file.path = at->path();
    found.push_back(std::move(file));
  }
  if (error) {
    throw SeedError(node.line,
                    "the folder " + root.string() + " cannot be read: " + error.message());
  }
  std::sort(found.begin(), found.end(),
            [](const FileSeed& one, const FileSeed& other) { return one.key < other.key; });
  std::move(found.begin(), found.end(), std::back_inserter(files));
}

std::string versioning_of(const Node& node) {
  if (const auto truth = node.boolean()) return *truth ? "Enabled" : "";
  const std::string text = text_of(node, "\"versioning\"");
  if (text == "enabled" || text == "Enabled") return "Enabled";
  if (text == "suspended" || text == "Suspended") return "Suspended";
  throw SeedError(node.line, "\"versioning\" is true, false, enabled or suspended");
}

BucketSeed read_bucket(const Node& node, const fs::path& folder) {
  constexpr std::array<std::string_view, 5> kKnown{"name", "region", "versioning", "tags", "files"};
  BucketSeed bucket;
  bucket.line = node.line;
  if (node.is_scalar()) {
    bucket.name = text_of(node, "a bucket");
    return bucket;
  }
  check_members(node, "a bucket", kKnown);
  bucket.name = text_in(node, "name", "a bucket");
  bucket.region = optional_text_in(node, "region");
  if (const Node* versioning = node.find("versioning")) {
    bucket.versioning = versioning_of(*versioning);
  }
  bucket.tags = pairs_in(node, "tags");
  const Node* const files = node.find("files");
  if (files == nullptr) return bucket;
  if (files->is_map()) {  // the short form: keys and their texts
    for (const Member& member : files->members) {
      FileSeed file;
      file.line = member.line;
      file.key = member.name;
      file.content_type = media_type_of(file.key);
      file.bytes = text_of(member.value, "a file in short form");
      bucket.files.push_back(std::move(file));
    }
    return bucket;
  }
  for (const Node& file : elements_of(*files, "\"files\"")) {
    if (file.find("folder") != nullptr) {
      add_folder(bucket.files, file, folder);
    } else {
      bucket.files.push_back(read_file(file, folder));
    }
  }
  return bucket;
}

// ---- Tables ----

// {"S": "x"} and its like, which a plain map could be only by an odd chance.
bool is_attribute_value(const Node& node) {
  constexpr std::array<std::string_view, 10> kTypes{"S",  "N", "B", "SS",   "NS",
                                                    "BS", "M", "L", "BOOL", "NULL"};
  return node.is_map() && node.members.size() == 1 &&
         std::find(kTypes.begin(), kTypes.end(), node.members[0].name) != kTypes.end();
}

// A plain value as an attribute value.
void write_attribute(std::string& out, const Node& node) {
  json::Object value(out);
  if (node.is_list()) {
    json::Array list(value.name("L"));
    for (const Node& element : node.elements) write_attribute(list.next(), element);
  } else if (node.is_map()) {
    json::Object map(value.name("M"));
    for (const Member& member : node.members) {
      write_attribute(map.name(member.name), member.value);
    }
  } else if (node.is_null()) {
    value.boolean("NULL", true);
  } else if (const auto truth = node.boolean()) {
    value.boolean("BOOL", *truth);
  } else if (node.is_number()) {
    value.string("N", node.text);
  } else {
    value.string(node.style == Node::Style::kBinary ? "B" : "S", node.text);
  }
}

ItemSeed read_item(const Node& node) {
  require_map(node, "an item");
  const bool is_typed =
      std::all_of(node.members.begin(), node.members.end(),
                  [](const Member& member) { return is_attribute_value(member.value); });
  ItemSeed item;
  item.line = node.line;
  json::Object object(item.json);
  for (const Member& member : node.members) {
    std::string& out = object.name(member.name);
    is_typed ? write_json(out, member.value) : write_attribute(out, member.value);
  }
  return item;
}

std::string hash_key_of(const Node& table) {
  const Node* const schema = table.find("KeySchema");
  if (schema == nullptr) throw SeedError(table.line, "a table has no \"KeySchema\"");
  for (const Node& element : elements_of(*schema, "\"KeySchema\"")) {
    const Node* const type = element.find("KeyType");
    if (type != nullptr && type->text == "HASH") {
      return text_in(element, "AttributeName", "an element of KeySchema");
    }
  }
  throw SeedError(schema->line, "\"KeySchema\" has no element of the KeyType HASH");
}

TableSeed read_table(const Node& node) {
  require_map(node, "a table");
  TableSeed table;
  table.line = node.line;
  table.name = text_in(node, "TableName", "a table");
  table.hash_key = hash_key_of(node);
  {
    json::Object request(table.json);
    for (const Member& member : node.members) {
      if (member.name == "items" || member.name == "TimeToLiveSpecification") continue;
      write_json(request.name(member.name), member.value);
    }
    if (node.find("BillingMode") == nullptr && node.find("ProvisionedThroughput") == nullptr) {
      request.string("BillingMode", "PAY_PER_REQUEST");
    }
  }
  if (const Node* const live = node.find("TimeToLiveSpecification")) {
    json::Object request(table.time_to_live);
    request.string("TableName", table.name);
    write_json(request.name("TimeToLiveSpecification"), *live);
  }
  if (const Node* const items = node.find("items")) {
    for (const Node& item : elements_of(*items, "\"items\"")) {
      table.items.push_back(read_item(item));
    }
  }
  return table;
}

// ---- Redis ----

void append_texts(std::vector<std::string>& command, const Node& node, const std::string& what) {
  const auto& elements = elements_of(node, what);
  if (elements.empty()) throw SeedError(node.line, what + " is empty; Redis has no empty ones");
  for (const Node& element : elements) command.push_back(text_of(element, "an element"));
}

void append_members(std::vector<std::string>& command, const Node& node, const std::string& what) {
  require_map(node, what);
  if (node.members.empty()) throw SeedError(node.line, what + " is empty; Redis has no empty ones");
  const bool scores_first = command[0] == "ZADD";
  for (const Member& member : node.members) {
    std::string value = text_of(member.value, "\"" + member.name + "\"");
    command.push_back(scores_first ? value : member.name);
    command.push_back(scores_first ? member.name : std::move(value));
  }
}

// The command that makes a key of that type.
std::vector<std::string> command_of(const std::string& key, std::string_view type,
                                    const Node& value) {
  std::vector<std::string> command{"", key};
  if (type == "string") {
    command[0] = "SET";
    command.push_back(text_of(value, "a string"));
  } else if (type == "hash") {
    command[0] = "HSET";
    append_members(command, value, "a hash");
  } else if (type == "zset") {
    command[0] = "ZADD";
    append_members(command, value, "a zset");
  } else {
    command[0] = type == "list" ? "RPUSH" : "SADD";
    append_texts(command, value, "a " + std::string(type));
  }
  return command;
}

constexpr std::array<std::string_view, 5> kTypes{"string", "hash", "list", "set", "zset"};

KeySeed read_key(const Node& node) {
  constexpr std::array<std::string_view, 8> kKnown{"key", "string", "hash", "list",
                                                   "set", "zset",   "ttl",  "database"};
  check_members(node, "a key", kKnown);
  KeySeed key;
  key.line = node.line;
  key.key = text_in(node, "key", "a key");
  for (const std::string_view type : kTypes) {
    const Node* const value = node.find(type);
    if (value == nullptr) continue;
    if (!key.command.empty()) throw SeedError(value->line, "a key has one value");
    key.command = command_of(key.key, type, *value);
  }
  if (key.command.empty()) {
    throw SeedError(node.line, "a key has one of " + list_of(kTypes));
  }
  key.ttl_s = optional_text_in(node, "ttl");
  if (const Node* const database = node.find("database")) {
    const auto number = base::parse_integer<unsigned>(database->text);
    if (!number) throw SeedError(database->line, "\"database\" is a number");
    key.database = *number;
  }
  return key;
}

// The short form: a text is a string, a map a hash, a list a list.
KeySeed read_short_key(const Member& member) {
  KeySeed key;
  key.line = member.line;
  key.key = member.name;
  const Node& value = member.value;
  key.command = command_of(key.key,
                           value.is_map()    ? "hash"
                           : value.is_list() ? "list"
                                             : "string",
                           value);
  return key;
}

// ---- KMS ----

KmsSeed read_kms(const Node& node) {
  require_map(node, "a key of KMS");
  KmsSeed key;
  key.line = node.line;
  key.alias = text_in(node, "alias", "a key of KMS");
  json::Object request(key.json);
  for (const Member& member : node.members) {
    if (member.name != "alias") write_json(request.name(member.name), member.value);
  }
  return key;
}

template <class Made, class Read>
void read_all(std::vector<Made>& made, const Node& root, const char* name, const Read& read) {
  const Node* const node = root.find(name);
  if (node == nullptr || node->is_null()) return;
  for (const Node& element : elements_of(*node, "\"" + std::string(name) + "\"")) {
    made.push_back(read(element));
  }
}

}  // namespace

Seed parse_seed(std::string_view text, Syntax syntax, const fs::path& folder) {
  constexpr std::array<std::string_view, 6> kKnown{"account", "region", "buckets",
                                                   "tables",  "redis",  "kms"};
  constexpr std::size_t kAccountDigits = 12;
  const Node root = read_document(text, syntax);
  Seed seed;
  if (root.is_null()) return seed;
  check_members(root, "a seed file", kKnown);
  if (const Node* const account = root.find("account")) {
    seed.account = text_of(*account, "\"account\"");
    if (seed.account.size() != kAccountDigits ||
        seed.account.find_first_not_of("0123456789") != std::string::npos) {
      throw SeedError(account->line, "\"account\" has 12 digits");
    }
  }
  if (root.find("region") != nullptr) seed.region = optional_text_in(root, "region");
  read_all(seed.buckets, root, "buckets",
           [&folder](const Node& node) { return read_bucket(node, folder); });
  read_all(seed.tables, root, "tables", read_table);
  read_all(seed.kms, root, "kms", read_kms);
  const Node* const redis = root.find("redis");
  if (redis != nullptr && redis->is_map()) {
    for (const Member& member : redis->members) seed.keys.push_back(read_short_key(member));
  } else {
    read_all(seed.keys, root, "redis", read_key);
  }
  return seed;
}

Seed read_seed(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  std::ifstream stream(path, std::ios::binary);
  if (error || !stream)
    throw std::runtime_error("the seed file " + path.string() + " cannot be read");
  if (size > kMaxSeedBytes) {
    throw std::runtime_error("the seed file " + path.string() + " is larger than 64 MiB");
  }
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  try {
    const Syntax syntax = path.extension() == ".json" ? Syntax::kJson : Syntax::kYaml;
    Seed seed = parse_seed(text, syntax, path.parent_path());
    seed.name = path.string();
    return seed;
  } catch (const SeedError& wrong) {
    throw std::runtime_error(path.string() + ":" + std::to_string(wrong.line()) + ": " +
                             wrong.what());
  }
}

}  // namespace bodega::server
