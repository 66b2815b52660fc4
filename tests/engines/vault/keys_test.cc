// Keys: their life, their rotation, and what is due.
#include <set>

#include "engines/base/fault.h"
#include "engines/vault/format.h"
#include "tests/engines/vault/fixture.h"
#include "tests/faulty_store.h"

using namespace bodega;
using namespace bodega::vault;
using testing::Fixture;

namespace {

void schedule(Fixture& test, const Key& key, int days) {
  REQUIRE(test.engine->change_key(key.place, key.id, [&](Key& changed) {
    changed.state = KeyState::kPendingDeletion;
    changed.deletion_us = test.clock.now_us() + days * kDayUs;
  }));
}

void rotate_every(Fixture& test, const Key& key, std::uint32_t days) {
  REQUIRE(test.engine->change_key(key.place, key.id, [&](Key& changed) {
    changed.rotation = {days, test.clock.now_us() + days * kDayUs};
  }));
}

}  // namespace

TEST_CASE("Vault: a key is found in its account and region, and nowhere else") {
  Fixture test;
  const Key key = test.create();
  CHECK(test.find(key).materials.size() == 1);
  CHECK_FALSE(test.engine->find_key({"444455556666", "us-east-1"}, key.id));
  CHECK_FALSE(test.engine->find_key({"111122223333", "us-east-2"}, key.id));
  CHECK_FALSE(test.engine->find_key(test.place, "another"));
}

TEST_CASE("Vault: keys are listed in pages, those of one place only") {
  Fixture test;
  std::set<std::string> made;
  for (int i = 0; i < 5; ++i) made.insert(test.create().id);
  NewKey elsewhere;
  elsewhere.place = {"111122223333", "us-east-2"};
  test.engine->create_key(elsewhere);
  std::set<std::string> seen;
  std::size_t pages = 0;
  PageRequest request{"", 2};
  do {
    const Page<Key> page = test.engine->list_keys(test.place, request);
    CHECK(page.elements.size() <= 2);
    for (const Key& key : page.elements) CHECK(seen.insert(key.id).second);
    request.after = page.after;
    ++pages;
  } while (!request.after.empty());
  CHECK(seen == made);
  CHECK(pages == 3);
}

TEST_CASE("Vault: a page that holds the last key says that it is the last") {
  Fixture test;
  test.create();
  test.create();
  CHECK(test.engine->list_keys(test.place, {"", 2}).after.empty());
}

TEST_CASE("Vault: a refused change changes nothing") {
  Fixture test;
  const Key key = test.create();
  CHECK_THROWS_AS(test.engine->change_key(test.place, key.id,
                                          [](Key& changed) {
                                            changed.description = "new";
                                            throw std::runtime_error("refused");
                                          }),
                  std::runtime_error);
  CHECK(test.find(key).description.empty());
  const auto missing = test.engine->change_key(test.place, "another", [](Key&) {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error() == Outcome::kNoSuchKey);
}

TEST_CASE("Vault: a key whose deletion is due is gone with aliases, grants and material") {
  Fixture test;
  const Key key = test.create();
  const Key other = test.create();
  const auto accept = [](const Key&) {};
  REQUIRE(test.engine->create_alias(test.place, "alias/gone", key.id, accept));
  REQUIRE(test.engine->create_alias(test.place, "alias/kept", other.id, accept));
  Grant grant;
  grant.key_id = key.id;
  grant.grantee = "somebody";
  REQUIRE(test.engine->create_grant(test.place, grant, accept));
  const std::string ciphertext = test.engine->encrypt(key, "text", {});
  schedule(test, key, 7);
  test.clock.advance_us(7 * kDayUs - 1);
  CHECK(test.find(key).state == KeyState::kPendingDeletion);
  CHECK(test.decrypt(test.find(key), ciphertext) == "text");
  test.clock.advance_us(1);
  CHECK_FALSE(test.engine->find_key(test.place, key.id));
  CHECK_FALSE(test.engine->find_alias(test.place, "alias/gone"));
  CHECK(test.engine->find_alias(test.place, "alias/kept"));
  CHECK(test.engine->list_grants(test.place, "", {}, {"", 10}).elements.empty());
  CHECK_THROWS_AS(test.engine->decrypt(key, ciphertext, {}), base::StorageFault);
  CHECK(test.find(other).state == KeyState::kEnabled);
}

TEST_CASE("Vault: tend() alone carries out what is due") {
  Fixture test;
  const Key key = test.create();
  test.engine->tend();
  schedule(test, key, 7);
  test.clock.advance_us(8 * kDayUs);
  test.engine->tend();
  CHECK(test.engine->list_aliases(test.place, "", {"", 10}).elements.empty());
  const auto cursor = test.store->cursor(kv::Family::kVault);
  cursor->seek_first();
  REQUIRE(cursor->valid());  // the proof of the root key, and nothing else
  cursor->next();
  CHECK_FALSE(cursor->valid());
}

TEST_CASE("Vault: a record that cannot be read keeps no other key from its deletion") {
  Fixture test;
  const Key key = test.create();
  schedule(test, key, 7);
  for (const char* id : {"0", "zz"}) {  // in front of the key's record, and behind it
    kv::Batch batch;
    batch.put(kv::Family::kVault, key_record_key(test.place, id), "damaged");
    test.store->commit(batch);
  }
  test.clock.advance_us(7 * kDayUs);
  test.engine->tend();
  CHECK_FALSE(test.store->get(kv::Family::kVault, key_record_key(key.place, key.id)));
}

TEST_CASE("Vault: a key whose deletion cannot be written is deleted later, the others at once") {
  Fixture test;
  auto faulty = std::make_unique<tests::FaultyStore>(std::move(test.store));
  tests::FaultyStore& store = *faulty;
  test.store = std::move(faulty);
  test.engine = std::make_unique<Engine>(store, test.clock, RootKey());
  for (int i = 0; i < 3; ++i) schedule(test, test.create(), 7);
  const auto keys = [&] {
    std::size_t count = 0;
    const auto cursor = store.cursor(kv::Family::kVault, kKeysPrefix, kMaterialsPrefix, nullptr);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) ++count;
    return count;
  };
  test.clock.advance_us(7 * kDayUs);
  store.fail_commit(2);
  test.engine->tend();
  CHECK(keys() == 1);
  test.engine->tend();  // not tried again at once
  CHECK(keys() == 1);
  test.clock.advance_ms(60'000);
  test.engine->tend();
  CHECK(keys() == 0);
}

TEST_CASE("Vault: automatic rotation gives new material, and the old one still decrypts") {
  Fixture test;
  const Key key = test.create();
  rotate_every(test, key, 90);
  const std::string old_text = test.engine->encrypt(key, "old", {});
  const std::int64_t start_us = test.clock.now_us();
  test.clock.advance_us(200 * kDayUs);
  const Key rotated = test.find(key);
  REQUIRE(rotated.materials.size() == 3);
  CHECK(rotated.materials[1].created_us == start_us + 90 * kDayUs);
  CHECK(rotated.materials[2].rotation == RotationKind::kAutomatic);
  CHECK(rotated.rotation.next_us == start_us + 270 * kDayUs);
  const std::string new_text = test.engine->encrypt(rotated, "new", {});
  CHECK(Engine::read_ciphertext(new_text)->material_id == rotated.materials[2].id);
  CHECK(test.decrypt(rotated, old_text) == "old");
  CHECK(test.decrypt(rotated, new_text) == "new");
}

TEST_CASE("Vault: a disabled key rotates when it is enabled again") {
  Fixture test;
  const Key key = test.create();
  rotate_every(test, key, 90);
  const auto set_state = [&](KeyState state) {
    REQUIRE(
        test.engine->change_key(key.place, key.id, [&](Key& changed) { changed.state = state; }));
  };
  set_state(KeyState::kDisabled);
  test.clock.advance_us(100 * kDayUs);
  CHECK(test.find(key).materials.size() == 1);
  set_state(KeyState::kEnabled);
  CHECK(test.find(key).materials.size() == 2);
}

TEST_CASE("Vault: a clock that leaps by centuries gives a bounded number of materials") {
  Fixture test;
  const Key key = test.create();
  rotate_every(test, key, 90);
  test.clock.advance_us(300 * 365 * kDayUs);
  const Key rotated = test.find(key);
  CHECK(rotated.materials.size() == 65);
  CHECK(rotated.rotation.next_us == test.clock.now_us() + 90 * kDayUs);
}

TEST_CASE("Vault: a rotation on demand keeps what was encrypted before") {
  Fixture test;
  const Key key = test.create();
  const std::string ciphertext = test.engine->encrypt(key, "text", {});
  const auto rotated = test.engine->rotate_key(test.place, key.id, [](const Key&) {});
  REQUIRE(rotated);
  REQUIRE(rotated->materials.size() == 2);
  CHECK(rotated->materials[1].rotation == RotationKind::kOnDemand);
  CHECK(test.decrypt(test.find(key), ciphertext) == "text");
}

TEST_CASE("Vault: a service's key is made once for each place") {
  Fixture test;
  const Key first = test.engine->managed_key(test.place, "alias/aws/s3");
  CHECK(first.manager == KeyManager::kService);
  CHECK(test.engine->managed_key(test.place, "alias/aws/s3").id == first.id);
  CHECK(test.engine->managed_key(test.place, "alias/aws/sns").id != first.id);
  CHECK(test.engine->managed_key({"1", "us-east-1"}, "alias/aws/s3").id != first.id);
  CHECK(test.engine->find_alias(test.place, "alias/aws/s3")->key_id == first.id);
}
