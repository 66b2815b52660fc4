// Seeds: read, refused by their lines, carried out through the services, and left alone the second
// time.
#include "server/seed/seeder.h"

#include <fstream>

#include "engines/base/fault.h"
#include "tests/catch.h"
#include "tests/scratch_folder.h"

using namespace bodega;
using namespace bodega::server;

namespace {

class Fixture {
 public:
  std::filesystem::path write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
    return folder / name;
  }

  // What was done, or why not, without the folder's name.
  std::string seed(const std::string& text, const std::string& name = "seed.yaml") {
    try {
      return seeder.apply(read_seed(write(name, text))).text();
    } catch (const std::runtime_error& refused) {
      std::string what = refused.what();
      const std::string path = (folder / "").string();
      for (std::size_t at = 0; (at = what.find(path)) != std::string::npos;) {
        what.erase(at, path.size());
      }
      return what;
    }
  }

  bool is_empty() {
    return world->objects().list_buckets({}).buckets.empty() &&
           world->tables().table_count() == 0 && world->keyspace().key_count() == 0;
  }

  std::string object(const std::string& bucket, const std::string& key) {
    const auto opened = world->objects().open(bucket, key);
    if (!opened) return "(none)";
    std::string bytes(opened->content.size_bytes(), '\0');
    opened->content.read(0, bytes);
    return bytes;
  }

  // The reply to a Redis command.
  std::string redis(const std::string& command) {
    class Peer : public redis::Peer {
      std::string address() const override { return "test"; }
      std::string local_address() const override { return "test"; }
    } peer;
    redis::Session session(instance, peer);
    session.feed(command + "\r\n");
    session.process(10);
    instance.finish_tick();
    return session.output();
  }

  tests::ScratchFolder folder;
  base::ManualClock clock;
  std::shared_ptr<world::World> world = world::World::in_memory(clock);
  world::Worlds worlds{world, clock};
  base::InlineExecutor executor;
  redis::Instance instance{world->keyspace(), world->clock()};
  Seeder seeder{worlds, executor, [this](const auto& work) { work(instance); }};
};

constexpr const char* kWhole = R"(
region: eu-west-1
buckets:
  - just-a-name
  - name: photos
    region: us-west-2
    versioning: true
    tags: {team: a b}
    files:
      - key: hello.txt
        text: Hello
        metadata: {author: me}
      - key: raw
        base64: aGVsbG8=
        content-type: image/png
      - key: from/file
        file: files/one.json
      - folder: site
        prefix: www/
  - name: short
    files: {a.html: <p>, b: "2"}
tables:
  - TableName: users
    KeySchema: [{AttributeName: id, KeyType: HASH}]
    AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
    TimeToLiveSpecification: {AttributeName: until, Enabled: true}
    items:
      - {id: "1", name: Ada, age: 36, tags: [a, 1.50], more: {x: true, y: null}}
      - {id: {S: "2"}, set: {SS: [a, b]}}
redis:
  - {key: s, string: v, ttl: 60}
  - {key: h, hash: {f: 1, g: two}}
  - {key: l, list: [a, b]}
  - {key: z, zset: {ada: 10, bob: 7.5}}
  - {key: e, set: [x], database: 3}
kms:
  - {alias: alias/app, Description: For the app}
)";

}  // namespace

TEST_CASE("Seed: everything is made, and a second time nothing is changed") {
  Fixture f;
  f.write("files/one.json", "{}");
  f.write("site/index.html", "<html>");
  f.write("site/css/a.css", "p {}");
  CHECK(f.seed(kWhole) == "3 buckets, 7 files, 1 table, 2 items, 5 Redis keys, 1 KMS key");
  CHECK(f.world->objects().find_bucket("just-a-name")->region == "eu-west-1");
  const auto photos = f.world->objects().find_bucket("photos");
  CHECK(photos->region == "us-west-2");
  CHECK(photos->versioning == object::Versioning::kEnabled);
  CHECK(f.object("photos", "raw") == "hello");
  CHECK(f.object("photos", "www/css/a.css") == "p {}");
  const auto hello = f.world->objects().head("photos", "hello.txt");
  CHECK(hello->attributes.headers.at("content-type") == "text/plain");
  CHECK(hello->attributes.metadata.at("author") == "me");
  CHECK(f.world->objects().head("photos", "raw")->attributes.headers.at("content-type") ==
        "image/png");
  CHECK(f.object("short", "b") == "2");
  const auto users = f.world->tables().open_table("000000000000", "eu-west-1", "users");
  REQUIRE(users);
  CHECK((*users)->settings.time_to_live.enabled);
  CHECK(f.redis("TTL s") == ":60\r\n");
  CHECK(f.redis("HGET h g") == "$3\r\ntwo\r\n");
  CHECK(f.redis("LRANGE l 0 -1") == "*2\r\n$1\r\na\r\n$1\r\nb\r\n");
  CHECK(f.redis("ZSCORE z bob") == "$3\r\n7.5\r\n");
  CHECK(f.redis("SELECT 3\r\nSCARD e") == "+OK\r\n:1\r\n");
  CHECK(f.world->vault().find_alias({"000000000000", "eu-west-1"}, "alias/app"));

  f.redis("SET s changed");
  CHECK(f.seed(kWhole) ==
        "3 buckets (0 new), 7 files (0 new), 1 table (0 new), 2 items (0 new), "
        "5 Redis keys (0 new), 1 KMS key (0 new)");
  CHECK(f.redis("GET s") == "$7\r\nchanged\r\n");
  const auto page = f.world->objects().list_versions({"photos", "", "", "", "", 100});
  CHECK(page->versions.size() == 5);
}

TEST_CASE("Seed: JSON, another account, and what is absent is made again") {
  Fixture f;
  const std::string seed =
      "{\"account\": \"111122223333\",\n\t\"buckets\": [{\"name\": \"bkt\", \"files\": {\"k\": "
      "\"v\"}}]}";
  CHECK(f.seed(seed, "seed.json") == "1 bucket, 1 file");
  CHECK(f.world->objects().find_bucket("bkt")->owner == "111122223333");
  object::Remove remove;
  remove.bucket = "bkt";
  remove.key = "k";
  REQUIRE(f.world->objects().remove(remove));
  CHECK(f.seed(seed, "seed.json") == "1 bucket (0 new), 1 file");
  CHECK(f.seed("") == "nothing");
}

TEST_CASE("Seed: what is wrong is told by its line, and nothing has changed") {
  Fixture f;
  const auto refused = [&f](const std::string& text) {
    const std::string what = f.seed("buckets: [good-name]\n" + text);
    CHECK(f.is_empty());
    return what;
  };
  CHECK(refused("bukets: []") ==
        "seed.yaml:2: \"bukets\" is no member of a seed file: account, region, buckets, tables, "
        "redis and kms are");
  CHECK(refused("account: 12") == "seed.yaml:2: \"account\" has 12 digits");
  CHECK(refused("tables: {a: b}") == "seed.yaml:2: \"tables\" is a list");
  CHECK(refused("tables:\n  - KeySchema: []") == "seed.yaml:3: a table has no \"TableName\"");
  CHECK(refused("redis:\n  - key: a") ==
        "seed.yaml:3: a key has one of string, hash, list, set and zset");
  CHECK(refused("redis:\n  a: []") == "seed.yaml:3: a list is empty; Redis has no empty ones");
  CHECK(refused("kms: [{Description: x}]") == "seed.yaml:2: a key of KMS has no \"alias\"");
  CHECK(refused("a: [").starts_with("seed.yaml:"));
}

TEST_CASE("Seed: files that cannot be read are told before anything is made") {
  Fixture f;
  const std::string start = "buckets:\n  - name: bkt\n    files:\n      - ";
  CHECK(f.seed(start + "{key: a, file: none}") == "seed.yaml:4: the file none cannot be read");
  CHECK(f.seed(start + "{folder: none}").starts_with("seed.yaml:4: the folder none cannot be"));
  CHECK(f.seed(start + "{key: a, base64: '?'}") == "seed.yaml:4: \"base64\" is not Base64");
  CHECK(f.seed(start + "{key: a, text: a, file: b}") ==
        "seed.yaml:4: a file has one of text, base64 and file");
  CHECK(f.seed(start + "{text: a}") == "seed.yaml:4: a file has no \"key\"");
  CHECK(f.is_empty());
  CHECK_THROWS_WITH(read_seed("/none/seed.yaml"), "the seed file /none/seed.yaml cannot be read");
}

TEST_CASE("Seed: what a service refuses has changed nothing either, and the words are its own") {
  Fixture f;
  const auto refused = [&f](const std::string& text) {
    const std::string what = f.seed("buckets: [good-name]\nredis: {a: b}\n" + text);
    CHECK(f.is_empty());
    return what;
  };
  CHECK(f.seed("buckets:\n  - good-name\n  - Bad_Name") ==
        "seed.yaml:3: the bucket \"Bad_Name\": InvalidBucketName: "
        "The specified bucket is not valid.");
  CHECK(f.is_empty());
  const std::string table =
      "tables:\n  - TableName: users\n    KeySchema: [{AttributeName: id, KeyType: HASH}]\n"
      "    AttributeDefinitions: [{AttributeName: id, AttributeType: S}]\n";
  CHECK(refused(table + "    items:\n      - {id: a}\n      - {id: 5}")
            .starts_with("seed.yaml:9: an item of the table \"users\": ValidationException: "));
  CHECK(refused(table + "    BillingMode: FREE")
            .starts_with("seed.yaml:4: the table \"users\": ValidationException: "));
  CHECK(refused("kms: [{alias: app}]").starts_with("seed.yaml:3: the key of KMS \"app\": "));
}

TEST_CASE("Seed: what Redis refuses is told in its words") {
  Fixture f;
  CHECK(f.seed("redis:\n  - {key: a, string: b}\n  - {key: z, zset: {a: much}}") ==
        "seed.yaml:3: the key \"z\" of Redis: ERR value is not a valid float");
  CHECK(f.seed("redis:\n  - {key: a, string: b, ttl: long}") ==
        "seed.yaml:2: the key \"a\" of Redis: ERR value is not an integer or out of range");
  CHECK(f.seed("redis:\n  - {key: a, string: b, database: 99}") ==
        "seed.yaml:2: the key \"a\" of Redis: ERR DB index is out of range");
  CHECK(f.is_empty());
}
