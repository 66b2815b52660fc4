#include "server/seed/seeder.h"

#include <exception>
#include <stdexcept>
#include <utility>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "engines/base/fault.h"
#include "protocol/http/percent.h"
#include "protocol/json/json.h"
#include "protocol/redis/wire/errors.h"
#include "protocol/xml/writer.h"
#include "server/seed/front.h"
#include "server/seed/redis_keys.h"

namespace bodega::server {
namespace {

using Done = Seeder::Done;

constexpr int kPreconditionFailed = 412;
constexpr int kNotFound = 404;

// kDry: in a world that is thrown away, and without the bytes of files.
enum class Run : std::uint8_t { kDry, kReal };

class Application {
 public:
  Application(const Seed& seed, Front& front, Run run) : seed_(seed), front_(front), run_(run) {}

  void make_all(Done& done) {
    for (const BucketSeed& bucket : seed_.buckets) make_bucket(bucket, done);
    for (const TableSeed& table : seed_.tables) make_table(table, done);
    for (const KmsSeed& key : seed_.kms) make_kms_key(key, done);
  }

 private:
  Requester requester(const std::string& region = {}) const {
    return {seed_.account, region.empty() ? seed_.region : region};
  }

  [[noreturn]] static void fail(std::size_t line, const std::string& what, const Answer& answer) {
    throw SeedError(line, what + ": " + answer.error());
  }
  static void require(std::size_t line, const std::string& what, const Answer& answer) {
    if (!answer.ok()) fail(line, what, answer);
  }

  // ---- S3 ----

  void make_bucket(const BucketSeed& bucket, Done& done) {
    const std::string what = "the bucket \"" + bucket.name + "\"";
    const std::string path = "/" + http::percent_encode(bucket.name, http::Slash::kEncode);
    const Requester who = requester(bucket.region);
    ++done.buckets.all;
    const Answer there = front_.s3(requester(), "HEAD", path, {}, {});
    if (there.status == kNotFound) {
      require(bucket.line, what, put(who, path, location(who.region)));
      if (!bucket.versioning.empty()) {
        require(bucket.line, what, put(who, path + "?versioning", versioning(bucket.versioning)));
      }
      if (!bucket.tags.empty()) {
        require(bucket.line, what, put(who, path + "?tagging", tagging(bucket.tags)));
      }
      ++done.buckets.made;
    } else if (!there.ok()) {
      throw SeedError(bucket.line, what + " belongs to another account");
    }
    for (const FileSeed& file : bucket.files) put_file(path, file, who, done);
  }

  static std::string location(const std::string& region) {
    if (region == "us-east-1") return {};
    xml::Writer out;
    out.open("CreateBucketConfiguration").element("LocationConstraint", region).close();
    return out.take();
  }

  static std::string versioning(const std::string& status) {
    xml::Writer out;
    out.open("VersioningConfiguration").element("Status", status).close();
    return out.take();
  }

  static std::string tagging(const Pairs& tags) {
    xml::Writer out;
    out.open("Tagging").open("TagSet");
    for (const auto& [name, value] : tags) {
      out.open("Tag").element("Key", name).element("Value", value).close();
    }
    out.close().close();
    return out.take();
  }

  Answer put(const Requester& who, const std::string& path, const std::string& xml) {
    http::Headers headers;
    headers.add("Content-MD5", base::to_base64(base::md5(xml)));
    return front_.s3(who, "PUT", path, std::move(headers), xml);
  }

  void put_file(const std::string& bucket_path, const FileSeed& file, const Requester& who,
                Done& done) {
    http::Headers headers;
    headers.add("If-None-Match", "*");
    if (!file.content_type.empty()) headers.add("Content-Type", file.content_type);
    for (const auto& [name, value] : file.metadata) headers.add("x-amz-meta-" + name, value);
    const bool dry = run_ == Run::kDry;
    const Answer answer = front_.s3(
        who, "PUT", bucket_path + "/" + http::percent_encode(file.key, http::Slash::kKeep),
        std::move(headers), dry ? "" : file.bytes, dry ? std::filesystem::path() : file.path);
    ++done.files.all;
    if (answer.status == kPreconditionFailed) return;  // it is there
    require(file.line, "the file \"" + file.key + "\"", answer);
    ++done.files.made;
  }

  // ---- DynamoDB ----

  void make_table(const TableSeed& table, Done& done) {
    const std::string what = "the table \"" + table.name + "\"";
    const Answer made = front_.dynamodb(requester(), "CreateTable", table.json);
    ++done.tables.all;
    if (made.ok()) {
      ++done.tables.made;
      if (!table.time_to_live.empty()) {
        require(table.line, what,
                front_.dynamodb(requester(), "UpdateTimeToLive", table.time_to_live));
      }
    } else if (made.code != "ResourceInUseException") {
      fail(table.line, what, made);
    }
    for (const ItemSeed& item : table.items) put_item(table, item, done);
  }

  void put_item(const TableSeed& table, const ItemSeed& item, Done& done) {
    std::string body;
    {
      json::Object request(body);
      request.string("TableName", table.name);
      request.name("Item") += item.json;
      request.string("ConditionExpression", "attribute_not_exists(#key)");
      json::Object names(request.name("ExpressionAttributeNames"));
      names.string("#key", table.hash_key);
    }
    const Answer answer = front_.dynamodb(requester(), "PutItem", body);
    ++done.items.all;
    if (answer.code == "ConditionalCheckFailedException") return;  // it is there
    require(item.line, "an item of the table \"" + table.name + "\"", answer);
    ++done.items.made;
  }

  // ---- KMS ----

  void make_kms_key(const KmsSeed& key, Done& done) {
    const std::string what = "the key of KMS \"" + key.alias + "\"";
    ++done.kms.all;
    const Answer there = front_.kms(requester(), "DescribeKey", object("KeyId", key.alias));
    if (there.ok()) return;
    if (there.code != "NotFoundException") fail(key.line, what, there);
    const Answer made = front_.kms(requester(), "CreateKey", key.json);
    require(key.line, what, made);
    const auto created = json::Document::parse(made.body);
    const json::Node id = created->root().find("KeyMetadata").find("KeyId");
    std::string body;
    {
      json::Object request(body);
      request.string("AliasName", key.alias);
      request.string("TargetKeyId", id.text());
    }
    require(key.line, what, front_.kms(requester(), "CreateAlias", body));
    ++done.kms.made;
  }

  static std::string object(std::string_view name, std::string_view value) {
    std::string text;
    json::Object object(text);
    object.string(name, value);
    object.close();
    return text;
  }

  const Seed& seed_;
  Front& front_;
  const Run run_;
};

// In memory: what a service refuses is known before anything has changed.
void try_out(const Seed& seed, dynamodb::Tables tables) {
  const base::SystemClock clock;
  const std::shared_ptr<world::World> scratch = world::World::in_memory(clock);
  world::Worlds worlds(scratch, clock);
  base::InlineExecutor executor;
  Front front(worlds, executor, tables);
  Done ignored;
  Application(seed, front, Run::kDry).make_all(ignored);
  redis::Instance instance(scratch->keyspace(), scratch->clock());
  make_keys(instance, seed.keys);
}

void append(std::string& text, const Done::Count& count, std::string_view one,
            std::string_view many) {
  if (count.all == 0) return;
  if (!text.empty()) text += ", ";
  text.append(std::to_string(count.all)).append(" ").append(count.all == 1 ? one : many);
  if (count.made != count.all) text.append(" (").append(std::to_string(count.made)).append(" new)");
}

}  // namespace

std::string Seeder::Done::text() const {
  std::string text;
  append(text, buckets, "bucket", "buckets");
  append(text, files, "file", "files");
  append(text, tables, "table", "tables");
  append(text, items, "item", "items");
  append(text, keys, "Redis key", "Redis keys");
  append(text, kms, "KMS key", "KMS keys");
  return text.empty() ? "nothing" : text;
}

Seeder::Done Seeder::apply(const Seed& seed) const {
  Done done;
  try {
    try_out(seed, tables_);
    Front front(worlds_, executor_, tables_);
    Application(seed, front, Run::kReal).make_all(done);
    if (seed.keys.empty()) return done;
    std::exception_ptr wrong;  // which must not be thrown on the thread of Redis
    with_redis_([&](redis::Instance& instance) {
      try {
        done.keys = {seed.keys.size(), make_keys(instance, seed.keys)};
      } catch (const SeedError&) {
        wrong = std::current_exception();
      }
    });
    if (wrong) std::rethrow_exception(wrong);
  } catch (const SeedError& wrong) {
    throw std::runtime_error(seed.name + ":" + std::to_string(wrong.line()) + ": " + wrong.what());
  }
  return done;
}

}  // namespace bodega::server
