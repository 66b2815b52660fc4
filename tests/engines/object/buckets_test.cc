#include "tests/engines/object/fixture.h"

namespace bodega::object::testing {

static Bucket bucket_of(std::string name, std::string owner) {
  Bucket bucket;
  bucket.name = std::move(name);
  bucket.owner = std::move(owner);
  bucket.region = "eu-west-1";
  return bucket;
}

TEST_CASE("Buckets: a name belongs to one owner") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  const auto created = f.engine->create_bucket(bucket_of("first", "1"));
  REQUIRE(created);
  CHECK((*created)->created_ms == f.clock.now_ms());
  CHECK(outcome(f.engine->create_bucket(bucket_of("first", "1"))) ==
        Outcome::kBucketAlreadyOwnedByYou);
  CHECK(outcome(f.engine->create_bucket(bucket_of("first", "2"))) == Outcome::kBucketAlreadyExists);
  CHECK(f.engine->find_bucket("first")->region == "eu-west-1");
  CHECK(f.engine->find_bucket("firs") == nullptr);
}

TEST_CASE("Buckets: deleting needs emptiness of versions and markers, not of uploads") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  CHECK(outcome(f.engine->remove_bucket("none")) == Outcome::kNoSuchBucket);
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string version = f.put("key");
  CHECK(outcome(f.engine->remove_bucket(f.bucket)) == Outcome::kBucketNotEmpty);
  const std::string marker = f.remove("key").version_id;
  f.remove("key", version);
  CHECK(outcome(f.engine->remove_bucket(f.bucket)) == Outcome::kBucketNotEmpty);
  f.remove("key", marker);
  const auto upload = f.engine->create_upload({f.bucket, "big", {}, "1"});
  REQUIRE(upload);
  Part part;
  part.number = 1;
  REQUIRE(f.engine->put_part(f.bucket, "big", upload->upload_id, part, f.data(bytes_of(500))));
  CHECK(f.blobs->usage().blobs == 1);
  REQUIRE(f.engine->remove_bucket(f.bucket));
  CHECK(f.engine->find_bucket(f.bucket) == nullptr);
  CHECK(f.blobs->usage().blobs == 0);
  // A bucket of the same name starts from nothing.
  REQUIRE(f.engine->create_bucket(bucket_of(f.bucket, "2")));
  CHECK(f.engine->find_bucket(f.bucket)->versioning == Versioning::kUnversioned);
  CHECK(f.engine->list_uploads({f.bucket, "", "", "", "", 10})->uploads.empty());
}

TEST_CASE("Buckets: a neighbour whose name starts alike does not count") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  REQUIRE(f.engine->create_bucket(bucket_of("bucket-2", "1")));
  REQUIRE(f.engine->put_configuration("bucket-2", "cors", "c"));
  f.bucket = "bucket-2";
  f.put("key");
  REQUIRE(f.engine->remove_bucket("bucket"));
  CHECK(f.get("key") == "x");
  CHECK(*f.engine->get_configuration("bucket-2", "cors") == "c");
}

TEST_CASE("Buckets: lists by owner, prefix and region, in pages") {
  Fixture f(Backend::kMemory);
  for (const char* name : {"b-1", "b-2", "b-3", "c-1"}) {
    REQUIRE(f.engine->create_bucket(bucket_of(name, "9")));
  }
  BucketQuery query;
  query.owner = "9";
  CHECK(f.engine->list_buckets(query).buckets.size() == 4);
  query.prefix = "b-";
  query.max = 2;
  auto page = f.engine->list_buckets(query);
  REQUIRE(page.buckets.size() == 2);
  CHECK(page.truncated);
  query.after = page.buckets.back().name;
  page = f.engine->list_buckets(query);
  REQUIRE(page.buckets.size() == 1);
  CHECK(page.buckets[0].name == "b-3");
  CHECK_FALSE(page.truncated);
  query = {};
  query.region = "us-east-1";
  CHECK(f.engine->list_buckets(query).buckets.size() == 1);
}

TEST_CASE("Buckets: state and configurations survive a restart") {
  Fixture f(Backend::kRocks);
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kSuspended));
  REQUIRE(f.engine->put_configuration(f.bucket, "cors", std::string("a\0b", 3)));
  REQUIRE(f.engine->put_configuration(f.bucket, "policy", "p"));
  REQUIRE(f.engine->remove_configuration(f.bucket, "policy"));
  REQUIRE(f.engine->remove_configuration(f.bucket, "policy"));
  f.reopen();
  const auto bucket = f.engine->find_bucket(f.bucket);
  REQUIRE(bucket != nullptr);
  CHECK(bucket->versioning == Versioning::kSuspended);
  CHECK(bucket->owner == "111122223333");
  CHECK(*f.engine->get_configuration(f.bucket, "cors") == std::string("a\0b", 3));
  CHECK(outcome(f.engine->get_configuration(f.bucket, "policy")) == Outcome::kNoSuchConfiguration);
  CHECK(outcome(f.engine->get_configuration("none", "policy")) == Outcome::kNoSuchBucket);
}

TEST_CASE("Buckets: with object lock they are born versioned") {
  Fixture f(Backend::kMemory);
  Bucket locked = bucket_of("locked", "1");
  locked.object_lock = true;
  CHECK((*f.engine->create_bucket(locked))->versioning == Versioning::kEnabled);
}

}  // namespace bodega::object::testing
