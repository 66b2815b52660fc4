// Seeded random operations on the engine and on a naive model of S3's versioning: a list of
// versions for each key, newest first. After every step both must answer the same.
#include <algorithm>
#include <map>
#include <random>

#include "tests/engines/object/fixture.h"

namespace bodega::object::testing {

namespace {

struct ModelVersion {
  std::string id;
  bool is_marker = false;
  std::string bytes;
};

class Model {
 public:
  Versioning versioning = Versioning::kUnversioned;
  std::map<std::string, std::vector<ModelVersion>> keys;  // newest first; never an empty vector

  void add(const std::string& key, ModelVersion version) {
    auto& versions = keys[key];
    if (versioning != Versioning::kEnabled) {
      std::erase_if(versions, [](const ModelVersion& old) { return old.id == "null"; });
    }
    versions.insert(versions.begin(), std::move(version));
  }

  bool destroy(const std::string& key, const std::string& id) {
    const auto at = keys.find(key);
    if (at == keys.end()) return false;
    const auto gone =
        std::erase_if(at->second, [&](const ModelVersion& old) { return old.id == id; });
    if (at->second.empty()) keys.erase(at);
    return gone > 0;
  }

  const ModelVersion* find(const std::string& key, const std::string& id) const {
    const auto at = keys.find(key);
    if (at == keys.end()) return nullptr;
    for (const ModelVersion& version : at->second) {
      if (version.id == id) return &version;
    }
    return nullptr;
  }

  const ModelVersion* latest(const std::string& key) const {
    const auto at = keys.find(key);
    return at == keys.end() ? nullptr : &at->second.front();
  }

  // What a list with this prefix and delimiter shows: keys, and prefixes in parentheses.
  std::vector<std::string> list(const std::string& prefix, const std::string& delimiter) const {
    std::vector<std::string> out;
    for (const auto& [key, versions] : keys) {
      if (versions.front().is_marker || !key.starts_with(prefix)) continue;
      const std::size_t at =
          delimiter.empty() ? std::string::npos : key.find(delimiter, prefix.size());
      std::string line = key;
      if (at != std::string::npos) line = "(" + key.substr(0, at + delimiter.size()) + ")";
      if (out.empty() || out.back() != line) out.push_back(line);
    }
    return out;
  }
};

class Run {
 public:
  Run(Backend backend, unsigned seed) : backend_(backend), f_(backend), random_(seed) {}

  void step() {
    const std::string key = random_key();
    switch (below(12)) {
      case 0:
      case 1:
      case 2: put(key); break;
      case 3:
      case 4: remove(key); break;
      case 5:
      case 6: remove_version(key); break;
      case 7:
        if (below(4) == 0) change_versioning();
        break;
      case 8: copy(key, random_key()); break;
      case 9: upload(key); break;
      case 10: list(); break;
      case 11: list_versions(); break;
    }
    f_.clock.advance_us(static_cast<std::int64_t>(below(3)) - 1);  // stands, goes, goes back
    check_key(key);
  }

  void check_all() {
    for (const char* key : kKeys) check_key(key);
    for (int i = 0; i < 5; ++i) list();
    list_versions();
    f_.check_blobs_agree();
    if (backend_ == Backend::kRocks) {
      f_.reopen();
      for (const char* key : kKeys) check_key(key);
      list_versions();
    }
  }

 private:
  static constexpr const char* kKeys[] = {"a",   "a/",    "a/b", "a/b/c", "a/b/d",
                                          "a-b", "ab/cd", "b",   "b//c",  "\xff\xff"};

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  std::string random_key() { return kKeys[below(std::size(kKeys))]; }
  std::string random_bytes() {
    return bytes_of(below(3) == 0 ? 65 + below(100) : below(64), static_cast<unsigned>(below(26)));
  }

  void put(const std::string& key) {
    const std::string bytes = random_bytes();
    model_.add(key, {f_.put(key, bytes), false, bytes});
  }

  void remove(const std::string& key) {
    const Removed removed = f_.remove(key);
    if (model_.versioning == Versioning::kUnversioned) {
      CHECK_FALSE(removed.delete_marker);
      model_.destroy(key, "null");
    } else {
      CHECK(removed.delete_marker);
      model_.add(key, {removed.version_id, true, {}});
    }
  }

  void remove_version(const std::string& key) {
    const auto at = model_.keys.find(key);
    if (at == model_.keys.end()) {
      CHECK_FALSE(f_.remove(key, "null").existed);
      return;
    }
    const ModelVersion version = at->second[below(at->second.size())];
    const Removed removed = f_.remove(key, version.id);
    CHECK(removed.existed);
    CHECK(removed.delete_marker == version.is_marker);
    model_.destroy(key, version.id);
  }

  void change_versioning() {
    model_.versioning = below(2) == 0 ? Versioning::kEnabled : Versioning::kSuspended;
    REQUIRE(f_.engine->set_versioning(f_.bucket, model_.versioning));
  }

  void copy(const std::string& from, const std::string& to) {
    const auto source = f_.engine->open(f_.bucket, from);
    if (!source) return;
    Put put;
    put.bucket = f_.bucket;
    put.key = to;
    const auto done = f_.engine->put(put, f_.engine->duplicate(source->content));
    REQUIRE(done);
    model_.add(to, {done->version_id, false, model_.latest(from)->bytes});
  }

  void upload(const std::string& key) {
    const auto created = f_.engine->create_upload({f_.bucket, key, {}, "1"});
    REQUIRE(created);
    CompleteUpload complete;
    complete.bucket = f_.bucket;
    complete.key = key;
    complete.upload_id = created->upload_id;
    complete.min_part_bytes = 0;
    std::string whole;
    for (int number = 1; number <= 3; ++number) {
      const std::string bytes = random_bytes();
      Part part;
      part.number = number;
      part.etag = std::to_string(number);
      REQUIRE(f_.engine->put_part(f_.bucket, key, created->upload_id, part, f_.data(bytes)));
      if (below(4) == 0) continue;  // not named: it goes
      complete.parts.push_back({number, part.etag, {}});
      whole += bytes;
    }
    if (complete.parts.empty()) {
      REQUIRE(f_.engine->abort_upload(f_.bucket, key, created->upload_id));
      return;
    }
    const auto done = f_.engine->complete_upload(complete);
    REQUIRE(done);
    model_.add(key, {done->put.version_id, false, whole});
  }

  void check_key(const std::string& key) {
    const ModelVersion* const latest = model_.latest(key);
    const auto head = f_.engine->head(f_.bucket, key);
    if (latest != nullptr && !latest->is_marker) {
      REQUIRE(head);
      CHECK(head->version_id == latest->id);
      CHECK(f_.get(key) == latest->bytes);
    } else {
      CHECK(outcome(head) == Outcome::kNoSuchKey);
      CHECK(head.error().version_id == (latest == nullptr ? "" : latest->id));
    }
    const auto at = model_.keys.find(key);
    if (at == model_.keys.end()) return;
    for (const ModelVersion& version : at->second) {
      if (version.is_marker) {
        CHECK(outcome(f_.engine->head(f_.bucket, key, version.id)) == Outcome::kMethodNotAllowed);
      } else {
        CHECK(f_.get(key, version.id) == version.bytes);
      }
    }
  }

  void list() {
    static const std::vector<std::string> kPrefixes = {"", "a", "a/", "a/b", "b/", "\xff", "zzz"};
    static const std::vector<std::string> kDelimiters = {"", "/", "//", "b", "-"};
    const std::string& prefix = kPrefixes[below(kPrefixes.size())];
    const std::string& delimiter = kDelimiters[below(kDelimiters.size())];
    ObjectQuery query{f_.bucket, prefix, delimiter, {}, 1 + below(4)};
    std::vector<std::string> lines;
    for (int guard = 0; guard < 30; ++guard) {
      const auto page = f_.engine->list_objects(query);
      REQUIRE(page);
      // Both halves are in order; together they are what the model walks through.
      std::vector<std::pair<std::string, std::string>> shown;
      for (const ListedObject& object : page->objects) shown.emplace_back(object.key, object.key);
      for (const std::string& common : page->common_prefixes) {
        shown.emplace_back(common, "(" + common + ")");
      }
      std::stable_sort(shown.begin(), shown.end(), [](const auto& left, const auto& right) {
        return left.first < right.first;
      });
      for (const auto& [sort_key, line] : shown) lines.push_back(line);
      if (!page->truncated) break;
      CHECK(shown.size() == query.max);
      query.from = page->next;
    }
    CHECK(lines == model_.list(prefix, delimiter));
  }

  void list_versions() {
    std::vector<std::string> expected;
    for (const auto& [key, versions] : model_.keys) {
      for (std::size_t i = 0; i < versions.size(); ++i) {
        expected.push_back(key + " " + versions[i].id + (versions[i].is_marker ? "-" : "") +
                           (i == 0 ? "*" : ""));
      }
    }
    VersionQuery query;
    query.bucket = f_.bucket;
    query.max = 1 + below(7);
    std::vector<std::string> lines;
    for (int guard = 0; guard < 1000; ++guard) {
      const auto page = f_.engine->list_versions(query);
      REQUIRE(page);
      for (const ListedVersion& version : page->versions) {
        lines.push_back(version.object.key + " " + version.version_id +
                        (version.is_delete_marker ? "-" : "") + (version.is_latest ? "*" : ""));
      }
      if (!page->truncated) break;
      query.key_marker = page->next_key_marker;
      query.version_id_marker = page->next_version_id_marker;
    }
    CHECK(lines == expected);
  }

  Backend backend_;
  Fixture f_;
  Model model_;
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("Model: random puts, deletes, copies, uploads and lists agree with a naive S3") {
  const Backend backend = GENERATE(Backend::kMemory, Backend::kRocks);
  const unsigned seed = GENERATE(1u, 2u, 3u, 4u, 5u, 6u);
  INFO("seed " << seed);
  Run run(backend, seed);
  for (int i = 0; i < 250; ++i) run.step();
  run.check_all();
}

}  // namespace bodega::object::testing
