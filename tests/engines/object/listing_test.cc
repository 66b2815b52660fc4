#include "engines/base/bytes.h"
#include "engines/base/figure.h"
#include "tests/engines/object/fixture.h"

namespace bodega::object::testing {

using Lines = std::vector<std::string>;

// A page as lines: keys, and common prefixes in parentheses, in byte order of the whole.
static Lines lines(const ObjectPage& page) {
  Lines out;
  for (const ListedObject& object : page.objects) out.push_back(object.key);
  for (const std::string& prefix : page.common_prefixes) out.push_back("(" + prefix + ")");
  return out;
}

static Lines list(Fixture& f, std::string prefix, std::string delimiter, Position from = {},
                  std::size_t max = 1000) {
  const auto page = f.engine->list_objects({f.bucket, prefix, delimiter, from, max});
  REQUIRE(page);
  return lines(*page);
}

TEST_CASE("ListObjects: byte order, prefix, delimiter") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  CHECK(outcome(f.engine->list_objects({"none", "", "", {}, 10})) == Outcome::kNoSuchBucket);
  for (const char* key : {"a", "a/b", "a/c/d", "b//x", "B", "\xc3\xa9", "z", "\xff\xff"}) {
    f.put(key);
  }
  CHECK(list(f, "", "") == Lines{"B", "a", "a/b", "a/c/d", "b//x", "z", "\xc3\xa9", "\xff\xff"});
  CHECK(list(f, "", "/") == Lines{"B", "a", "z", "\xc3\xa9", "\xff\xff", "(a/)", "(b/)"});
  CHECK(list(f, "a", "/") == Lines{"a", "(a/)"});
  CHECK(list(f, "a/", "/") == Lines{"a/b", "(a/c/)"});
  CHECK(list(f, "b", "//") == Lines{"(b//)"});
  CHECK(list(f, "b//", "/") == Lines{"b//x"});
  CHECK(list(f, "none", "").empty());
  CHECK(list(f, "\xff", "\xff") == Lines{"(\xff\xff)"});
}

TEST_CASE("ListObjects: what a list shows of an object") {
  Fixture f(Backend::kMemory);
  f.put("key", bytes_of(100), "the-etag");
  const auto page = f.engine->list_objects({f.bucket, "", "", {}, 10});
  REQUIRE(page->objects.size() == 1);
  CHECK(page->objects[0].etag == "the-etag");
  CHECK(page->objects[0].size_bytes == 100);
  CHECK(page->objects[0].modified_ms == f.clock.now_ms());
  CHECK(page->objects[0].owner == "111122223333");
}

TEST_CASE("ListObjects: pages count keys and prefixes together and repeat nothing") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  for (const char* key : {"a", "b/1", "b/2", "b/3", "c", "d/1", "e"}) f.put(key);
  const std::size_t max = GENERATE(1u, 2u, 3u, 4u, 5u, 6u);
  Lines all;
  Position from;
  for (int guard = 0; guard < 20; ++guard) {
    const auto page = f.engine->list_objects({f.bucket, "", "/", from, max});
    REQUIRE(page);
    CHECK(page->objects.size() + page->common_prefixes.size() <= max);
    for (const ListedObject& object : page->objects) all.push_back(object.key);
    for (const std::string& prefix : page->common_prefixes) all.push_back("(" + prefix + ")");
    if (!page->truncated) break;
    from = page->next;
  }
  std::sort(all.begin(), all.end());
  CHECK(all == Lines{"(b/)", "(d/)", "a", "c", "e"});
}

TEST_CASE("ListObjects: an exact page is not truncated, and an empty one never") {
  Fixture f(Backend::kMemory);
  for (const char* key : {"a", "b/1", "b/2"}) f.put(key);
  CHECK_FALSE(f.engine->list_objects({f.bucket, "", "", {}, 3})->truncated);
  CHECK(f.engine->list_objects({f.bucket, "", "", {}, 2})->truncated);
  CHECK_FALSE(f.engine->list_objects({f.bucket, "", "/", {}, 2})->truncated);
  const auto empty = f.engine->list_objects({f.bucket, "", "", {}, 0});
  CHECK_FALSE(empty->truncated);
  CHECK(empty->objects.empty());
}

TEST_CASE("ListObjects: start-after and V1's marker differ inside a common prefix") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  for (const char* key : {"a", "b/1", "b/2", "c"}) f.put(key);
  using Kind = Position::Kind;
  CHECK(list(f, "", "/", {Kind::kAfterKey, "b/1"}) == Lines{"c", "(b/)"});
  CHECK(list(f, "", "/", {Kind::kAfterMarker, "b/1"}) == Lines{"c"});
  CHECK(list(f, "", "/", {Kind::kAfterMarker, "b/"}) == Lines{"c"});
  CHECK(list(f, "", "", {Kind::kAfterMarker, "b/1"}) == Lines{"b/2", "c"});
  CHECK(list(f, "b/", "/", {Kind::kAfterKey, "a"}) == Lines{"b/1", "b/2"});
  CHECK(list(f, "b/", "/", {Kind::kAfterKey, "c"}).empty());
  CHECK(list(f, "", "", {Kind::kAfterPrefix, "b"}) == Lines{"c"});
  CHECK(list(f, "", "", {Kind::kAfterKey, "zzz"}).empty());
}

// A store that counts how its cursors move.
class CountingStore : public kv::Store {
 public:
  explicit CountingStore(std::unique_ptr<kv::Store> inner) : inner_(std::move(inner)) {}

  class Counted : public kv::Cursor {
   public:
    Counted(std::unique_ptr<kv::Cursor> inner, std::size_t& moves)
        : inner_(std::move(inner)), moves_(moves) {}
    void seek(std::string_view key) override { ++moves_, inner_->seek(key); }
    void seek_for_prev(std::string_view key) override { ++moves_, inner_->seek_for_prev(key); }
    void seek_first() override { ++moves_, inner_->seek_first(); }
    void seek_last() override { ++moves_, inner_->seek_last(); }
    void next() override { ++moves_, inner_->next(); }
    void prev() override { ++moves_, inner_->prev(); }
    bool valid() const override { return inner_->valid(); }
    std::string_view key() const override { return inner_->key(); }
    std::string_view value() const override { return inner_->value(); }

   private:
    std::unique_ptr<kv::Cursor> inner_;
    std::size_t& moves_;
  };

  std::optional<std::string> get(kv::Family family, std::string_view key,
                                 const kv::Snapshot* snapshot) const override {
    return inner_->get(family, key, snapshot);
  }
  std::vector<std::optional<std::string>> multi_get(kv::Family family,
                                                    std::span<const std::string> keys,
                                                    const kv::Snapshot* snapshot) const override {
    return inner_->multi_get(family, keys, snapshot);
  }
  std::unique_ptr<kv::Cursor> cursor(kv::Family family, std::string_view lower,
                                     std::string_view upper,
                                     const kv::Snapshot* snapshot) const override {
    return std::make_unique<Counted>(inner_->cursor(family, lower, upper, snapshot), moves);
  }
  std::unique_ptr<kv::Snapshot> snapshot() const override { return inner_->snapshot(); }
  void commit(const kv::Batch& batch) override { inner_->commit(batch); }
  void checkpoint(const std::filesystem::path& directory) override {
    inner_->checkpoint(directory);
  }
  void sync() override { inner_->sync(); }
  std::vector<base::Figure> figures() const override { return inner_->figures(); }

  mutable std::size_t moves = 0;

 private:
  std::unique_ptr<kv::Store> inner_;
};

TEST_CASE("ListObjects: the cost follows what is shown, not what is skipped") {
  Fixture f(Backend::kMemory);
  auto counting = std::make_unique<CountingStore>(kv::make_memory_store(kv::Database::kShared));
  CountingStore& counts = *counting;
  f.engine.reset();
  f.store = std::move(counting);
  f.engine = std::make_unique<Engine>(*f.store, *f.blobs, f.clock);
  REQUIRE(f.engine->create_bucket({f.bucket, "1", "r", 0, Versioning::kEnabled, false, {}}));
  // Many keys under a prefix, many versions of a key, and many keys that are deleted.
  for (int i = 0; i < 500; ++i) {
    f.put("deep/" + std::to_string(i));
    f.put("versions");
    f.put("gone" + std::to_string(i));
    f.remove("gone" + std::to_string(i));
  }
  f.put("zz");
  counts.moves = 0;
  CHECK(list(f, "", "/") == Lines{"versions", "zz", "(deep/)"});
  CHECK(counts.moves < 10);
  counts.moves = 0;
  const auto page = f.engine->list_versions({f.bucket, "", "e", "", "", 1000});
  CHECK(page->common_prefixes == Lines{"de", "gone", "ve"});
  CHECK(page->versions.size() == 1);
  CHECK(counts.moves < 20);
}

static Lines lines(const VersionPage& page) {
  Lines out;
  for (const ListedVersion& version : page.versions) {
    out.push_back(version.object.key + ":" + version.version_id +
                  (version.is_delete_marker ? "-" : "") + (version.is_latest ? "*" : ""));
  }
  for (const std::string& prefix : page.common_prefixes) out.push_back("(" + prefix + ")");
  return out;
}

TEST_CASE("ListObjectVersions: pages of every size show every version once") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  f.put("a");
  f.put(std::string("a\0b", 3));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  for (int i = 0; i < 3; ++i) {
    f.put("a");
    f.put("a/b");
    f.remove("c");
    f.put("d");
  }
  f.remove("d");
  VersionQuery query;
  query.bucket = f.bucket;
  const Lines whole = lines(*f.engine->list_versions(query));
  CHECK(whole.size() == 15);
  query.max = GENERATE(1u, 2u, 3u, 4u, 7u, 14u);
  Lines paged;
  for (int guard = 0; guard < 30; ++guard) {
    const auto page = f.engine->list_versions(query);
    REQUIRE(page);
    for (const std::string& line : lines(*page)) paged.push_back(line);
    if (!page->truncated) break;
    query.key_marker = page->next_key_marker;
    query.version_id_marker = page->next_version_id_marker;
  }
  CHECK(paged == whole);
}

TEST_CASE("ListObjectVersions: markers, prefixes and delimiters") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  const std::string a1 = f.put("a");
  const std::string a2 = f.put("a");
  f.put("dir/x");
  f.remove("dir/y");
  const std::string z1 = f.put("z");
  const auto list_from = [&](std::string prefix, std::string delimiter, std::string key,
                             std::string version) {
    return lines(*f.engine->list_versions({f.bucket, prefix, delimiter, key, version, 1000}));
  };
  CHECK(list_from("", "/", "", "") == Lines{"a:" + a2 + "*", "a:" + a1, "z:" + z1 + "*", "(dir/)"});
  CHECK(list_from("", "/", "a", "") == Lines{"z:" + z1 + "*", "(dir/)"});
  CHECK(list_from("", "/", "a", a2) == Lines{"a:" + a1, "z:" + z1 + "*", "(dir/)"});
  CHECK(list_from("", "/", "a", a1) == Lines{"z:" + z1 + "*", "(dir/)"});
  CHECK(list_from("", "/", "dir/", "") == Lines{"z:" + z1 + "*"});
  CHECK(list_from("a", "", "", "") == Lines{"a:" + a2 + "*", "a:" + a1});
  CHECK(list_from("z", "", "a", a2) == Lines{"z:" + z1 + "*"});
  CHECK(list_from("a", "", "z", z1).empty());
  // The version of the marker may be gone: the page goes on where it was.
  f.remove("a", a2);
  CHECK(list_from("", "/", "a", a2) == Lines{"a:" + a1 + "*", "z:" + z1 + "*", "(dir/)"});
  CHECK(outcome(f.engine->list_versions({"none", "", "", "", "", 1})) == Outcome::kNoSuchBucket);
}

TEST_CASE("ListObjectVersions: an unversioned bucket shows null versions") {
  Fixture f(Backend::kMemory);
  f.put("a");
  f.put("a");
  f.put("b");
  CHECK(lines(*f.engine->list_versions({f.bucket, "", "", "", "", 10})) ==
        Lines{"a:null*", "b:null*"});
  CHECK(lines(*f.engine->list_versions({f.bucket, "", "", "a", "null", 10})) == Lines{"b:null*"});
}

}  // namespace bodega::object::testing
