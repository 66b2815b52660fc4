// Sections: what they hide of each other. What they do as stores: tests/contract/kv_store_test.cc.
#include "engines/kv/section.h"

#include "tests/catch.h"

using namespace bodega;
using kv::Batch;
using kv::Database;
using kv::Family;

namespace {

std::string keys_of(const kv::Store& store) {
  std::string text;
  const auto cursor = store.cursor(Family::kItems);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    text.append(cursor->key()).append(" ");
  }
  return text;
}

void put(kv::Store& store, std::string_view key) {
  Batch batch;
  batch.put(Family::kItems, key, "of " + std::string(key));
  store.commit(batch);
}

}  // namespace

TEST_CASE("Section: the first one keeps its keys as they are and ends before the others") {
  const auto whole = kv::make_memory_store(Database::kShared);
  put(*whole, "b");
  const auto first = kv::make_section(*whole, Database::kShared, "", "\xfd");
  const auto other = kv::make_section(*whole, Database::kShared, "\xfe");
  put(*first, "a");
  put(*other, "c");
  CHECK(keys_of(*first) == "a b ");
  CHECK(keys_of(*other) == "c ");
  CHECK(whole->get(Family::kItems, "a") == "of a");
  CHECK(whole->get(Family::kItems,
                   "\xfe"
                   "c") == "of c");
  const auto cursor = first->cursor(Family::kItems);
  cursor->seek_last();
  REQUIRE(cursor->valid());
  CHECK(cursor->key() == "b");
}

TEST_CASE("Section: one in another, and what removes all of it touches no neighbour") {
  const auto whole = kv::make_memory_store(Database::kShared);
  const auto outer = kv::make_section(*whole, Database::kShared, "w");
  const auto inner = kv::make_section(*outer, Database::kShared, "k");
  put(*inner, "x");
  put(*outer, "j");
  put(*outer, "l");
  CHECK(whole->get(Family::kItems, "wkx") == "of x");
  Batch batch;
  batch.remove_range(Family::kItems, "", "\xff");
  inner->commit(batch);
  CHECK(keys_of(*inner).empty());
  CHECK(keys_of(*outer) == "j l ");
}

TEST_CASE("Section: the marks of a batch reach the whole") {
  class Marks : public kv::Store {
   public:
    std::optional<std::string> get(Family, std::string_view, const kv::Snapshot*) const override {
      return std::nullopt;
    }
    std::vector<std::optional<std::string>> multi_get(Family, std::span<const std::string>,
                                                      const kv::Snapshot*) const override {
      return {};
    }
    std::unique_ptr<kv::Cursor> cursor(Family, std::string_view, std::string_view,
                                       const kv::Snapshot*) const override {
      return nullptr;
    }
    std::unique_ptr<kv::Snapshot> snapshot() const override { return nullptr; }
    void commit(const Batch& batch) override {
      frees_room = batch.frees_room();
      cleans_up = batch.cleans_up();
    }
    void checkpoint(const std::filesystem::path&) override {}
    void sync() override {}
    std::vector<base::Figure> figures() const override { return {}; }
    bool frees_room = false;
    bool cleans_up = false;
  };
  Marks whole;
  const auto section = kv::make_section(whole, Database::kShared, "s");
  Batch batch;
  batch.remove(Family::kItems, "k");
  batch.mark_frees_room();
  section->commit(batch);
  CHECK(whole.frees_room);
  CHECK_FALSE(whole.cleans_up);
  batch.mark_cleans_up();
  section->commit(batch);
  CHECK(whole.cleans_up);
}
