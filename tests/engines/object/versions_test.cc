#include "engines/object/format.h"
#include "tests/engines/object/fixture.h"

namespace bodega::object::testing {

// The versions of the bucket as "key:id*", a star for the latest and a minus for a marker.
static std::vector<std::string> versions(Fixture& f) {
  std::vector<std::string> out;
  VersionQuery query;
  query.bucket = f.bucket;
  const auto page = f.engine->list_versions(query);
  REQUIRE(page);
  for (const ListedVersion& version : page->versions) {
    out.push_back(version.object.key + ":" + version.version_id +
                  (version.is_delete_marker ? "-" : "") + (version.is_latest ? "*" : ""));
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST_CASE("Version ids: 32 URL-safe characters that lead back to their order") {
  for (int i = 0; i < 100; ++i) {
    const format::Id id = format::new_id(static_cast<std::uint64_t>(i) * 1'000'003);
    const std::string text = format::to_text(id);
    CHECK(text.size() == 32);
    CHECK(text.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "_.") == std::string::npos);
    CHECK(format::parse_id(text) == id);
    CHECK(is_version_id(text));
  }
  CHECK(is_version_id("null"));
  CHECK_FALSE(is_version_id(""));
  CHECK_FALSE(is_version_id("foo"));
  CHECK_FALSE(is_version_id(std::string(32, '-')));
}

TEST_CASE("Versioning: enabled keeps every put, and deletes with markers") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string v1 = f.put("key", bytes_of(100, 1));
  const std::string v2 = f.put("key", bytes_of(100, 2));
  CHECK(v1 != v2);
  CHECK(f.get("key") == bytes_of(100, 2));
  CHECK(f.get("key", v1) == bytes_of(100, 1));
  CHECK(f.get("key", v2) == bytes_of(100, 2));
  const Removed removed = f.remove("key");
  CHECK(removed.delete_marker);
  const std::string marker = removed.version_id;
  CHECK(versions(f) == Lines{"key:" + marker + "-*", "key:" + v2, "key:" + v1});

  const auto latest = f.engine->head(f.bucket, "key");
  CHECK(outcome(latest) == Outcome::kNoSuchKey);
  CHECK(latest.error().version_id == marker);
  CHECK(latest.error().modified_ms == f.clock.now_ms());
  const auto by_id = f.engine->open(f.bucket, "key", marker);
  CHECK(outcome(by_id) == Outcome::kMethodNotAllowed);
  CHECK(by_id.error().version_id == marker);
  CHECK(f.get("key", v1) == bytes_of(100, 1));
  f.check_blobs_agree();

  // Without the marker, the newest version is the latest again.
  const Removed unhidden = f.remove("key", marker);
  CHECK(unhidden.delete_marker);
  CHECK(f.get("key") == bytes_of(100, 2));
  // The latest by its id: the next older one moves up.
  CHECK_FALSE(f.remove("key", v2).delete_marker);
  CHECK(f.get("key") == bytes_of(100, 1));
  CHECK(versions(f) == Lines{"key:" + v1 + "*"});
  f.remove("key", v1);
  CHECK(versions(f).empty());
  CHECK_FALSE(f.remove("key", v1).existed);
  f.check_blobs_agree();
}

TEST_CASE("Versioning: a marker on nothing, and markers on markers") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string m1 = f.remove("key").version_id;
  const std::string m2 = f.remove("key").version_id;
  const std::string v1 = f.put("key", "a");
  const std::string m3 = f.remove("key").version_id;
  const std::string m4 = f.remove("key").version_id;
  CHECK(versions(f) == Lines{"key:" + m4 + "-*", "key:" + m3 + "-", "key:" + v1, "key:" + m2 + "-",
                             "key:" + m1 + "-"});
  // A marker below the latest goes without making anything the latest.
  f.remove("key", m3);
  CHECK(f.get("key") == "(none)");
  f.remove("key", m4);
  CHECK(f.get("key") == "a");
  f.remove("key", v1);
  CHECK(versions(f) == Lines{"key:" + m2 + "-*", "key:" + m1 + "-"});
  CHECK(f.engine->list_objects({f.bucket, "", "", {}, 10})->objects.empty());
}

TEST_CASE("Versioning: what was put before it is the null version") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  CHECK(f.put("key", bytes_of(100, 1)) == "null");
  CHECK(f.get("key", "null") == bytes_of(100, 1));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string v1 = f.put("key", "b");
  CHECK(versions(f) == Lines{"key:" + v1 + "*", "key:null"});
  CHECK(f.get("key", "null") == bytes_of(100, 1));
  f.remove("key", "null");
  CHECK(versions(f) == Lines{"key:" + v1 + "*"});
  f.check_blobs_agree();
}

TEST_CASE("Versioning: suspended replaces the null version wherever it is") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  f.put("key", bytes_of(100, 0));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string v1 = f.put("key", bytes_of(100, 1));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kSuspended));
  // Over a latest that is not null: it moves down, the old null goes.
  CHECK(f.put("key", bytes_of(100, 2)) == "null");
  CHECK(versions(f) == Lines{"key:null*", "key:" + v1});
  f.check_blobs_agree();
  // Over a latest that is null: it is replaced.
  CHECK(f.put("key", bytes_of(100, 3)) == "null");
  CHECK(versions(f) == Lines{"key:null*", "key:" + v1});
  CHECK(f.get("key", "null") == bytes_of(100, 3));
  // A delete: a null marker takes its place.
  const Removed removed = f.remove("key");
  CHECK(removed.delete_marker);
  CHECK(removed.version_id == "null");
  CHECK(versions(f) == Lines{"key:null-*", "key:" + v1});
  CHECK(outcome(f.engine->head(f.bucket, "key", "null")) == Outcome::kMethodNotAllowed);
  // And again: still one.
  f.remove("key");
  CHECK(versions(f) == Lines{"key:null-*", "key:" + v1});
  // A put replaces the null marker.
  f.put("key", "again");
  CHECK(versions(f) == Lines{"key:null*", "key:" + v1});
  // Versioned again: the null version stays below.
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string v2 = f.put("key", "new");
  CHECK(versions(f) == Lines{"key:" + v2 + "*", "key:null", "key:" + v1});
  f.remove("key", v2);
  CHECK(versions(f) == Lines{"key:null*", "key:" + v1});
  CHECK(f.get("key", "null") == "again");
  f.remove("key", "null");
  CHECK(versions(f) == Lines{"key:" + v1 + "*"});
  f.check_blobs_agree();
}

TEST_CASE("Versioning: a clock that goes back does not make the newest old") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string v1 = f.put("key", "1");
  f.clock.advance_us(-3'600'000'000);
  const std::string v2 = f.put("key", "2");
  const std::string marker = f.remove("key").version_id;
  f.clock.advance_us(-3'600'000'000);
  const std::string v3 = f.put("key", "3");
  CHECK(versions(f) == Lines{"key:" + v3 + "*", "key:" + marker + "-", "key:" + v2, "key:" + v1});
  CHECK(f.get("key") == "3");
}

TEST_CASE("Versioning: an id of another key is no version of this one") {
  Fixture f(Backend::kMemory);
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string a = f.put("a", "1");
  const std::string b = f.put("b", "2");  // the same microsecond, hence the same order
  CHECK(outcome(f.engine->head(f.bucket, "a", b)) == Outcome::kNoSuchVersion);
  CHECK_FALSE(f.remove("a", b).existed);
  CHECK(f.get("a", a) == "1");
}

}  // namespace bodega::object::testing
