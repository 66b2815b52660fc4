// What is on the disk: reopened stores, the root key, and that no material stands there in plain.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engines/base/bytes.h"
#include "engines/base/fault.h"
#include "engines/vault/format.h"
#include "engines/vault/verify.h"
#include "tests/engines/vault/fixture.h"
#include "tests/faulty_store.h"

using namespace bodega;
using namespace bodega::vault;
using testing::Backend;
using testing::Fixture;

namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string fault_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const base::StorageFault& fault) {
    return fault.what();
  }
  return "";
}

// The bytes of a key's material, opened with the root key as the engine does.
std::string material_of(Fixture& test, const Key& key) {
  const std::string record = material_key(key.place, key.id, key.materials[0].id);
  const auto box = test.store->get(kv::Family::kVault, record);
  const auto opened = unseal(content(*test.folder / "root.key"), record, *box);
  REQUIRE(opened);
  return std::string(opened->bytes());
}

}  // namespace

TEST_CASE("Vault: keys of every kind work after a restart") {
  Fixture test(Backend::kRocks);
  const Key symmetric = test.create();
  const Key code = test.create(KeySpec::kHmac256, KeyUsage::kMac);
  const Key pair = test.create(KeySpec::kP384, KeyUsage::kSign);
  const std::string ciphertext = test.engine->encrypt(symmetric, "text", {{"a", "b"}});
  const std::string mac = test.engine->mac(code, "message");
  const std::string public_key = test.engine->key_pair(pair).public_der();
  test.reopen();
  CHECK(test.decrypt(test.find(symmetric), ciphertext, {{"a", "b"}}) == "text");
  CHECK(test.engine->mac(test.find(code), "message") == mac);
  CHECK(test.engine->key_pair(test.find(pair)).public_der() == public_key);
}

TEST_CASE("Vault: what became due while the store was closed is carried out") {
  Fixture test(Backend::kRocks);
  const Key key = test.create();
  REQUIRE(test.engine->change_key(key.place, key.id, [&](Key& changed) {
    changed.state = KeyState::kPendingDeletion;
    changed.deletion_us = test.clock.now_us() + 7 * kDayUs;
  }));
  test.clock.advance_us(8 * kDayUs);
  test.reopen();
  CHECK_FALSE(test.engine->find_key(test.place, key.id));
}

TEST_CASE("Vault: the root key is a file of its owner alone, made with the first key") {
  Fixture test(Backend::kRocks);
  const auto file = *test.folder / "root.key";
  CHECK_FALSE(std::filesystem::exists(file));
  test.create();
  struct stat facts {};
  REQUIRE(::stat(file.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  CHECK(facts.st_size == 32);
  CHECK_FALSE(std::filesystem::exists(*test.folder / "root.key.new"));
}

TEST_CASE("Vault: no material stands in a file of the store") {
  Fixture test(Backend::kRocks);
  std::vector<std::string> secrets;
  for (const KeySpec spec : {KeySpec::kSymmetric, KeySpec::kHmac512, KeySpec::kP256}) {
    secrets.push_back(material_of(test, test.create(spec)));
  }
  const Key named = test.create();
  REQUIRE(test.engine->change_key(named.place, named.id, [](Key& key) {
    key.description = "this text is found, so the search can find";
  }));
  test.engine.reset();
  test.store.reset();
  bool found_description = false;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*test.folder / "store")) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = content(entry.path());
    for (const std::string& secret : secrets) {
      CHECK(bytes.find(secret.substr(secret.size() / 2, 16)) == std::string::npos);
    }
    found_description |= bytes.find("this text is found") != std::string::npos;
  }
  CHECK(found_description);
}

TEST_CASE("Vault: a store does not open without its root key, or with another one") {
  Fixture test(Backend::kRocks);
  const Key key = test.create();
  const auto file = *test.folder / "root.key";
  std::filesystem::remove(file);
  CHECK(fault_of([&] { test.reopen(); }).find("root.key is missing") != std::string::npos);
  std::ofstream(file) << std::string(32, 'x');
  CHECK(fault_of([&] { test.reopen(); }).find("is not the root key") != std::string::npos);
  std::ofstream(file) << "short";
  CHECK(fault_of([&] { test.reopen(); }).find("has not 32 bytes") != std::string::npos);

  std::filesystem::remove(file);
  test.reopen(kv::Damage::kSetAside);
  CHECK_FALSE(fault_of([&] { test.engine->encrypt(test.find(key), "text", {}); }).empty());
  const Key fresh = test.create();
  test.reopen();
  CHECK(test.decrypt(fresh, test.engine->encrypt(fresh, "text", {})) == "text");
}

TEST_CASE("Vault: a root key of another length is set aside when damage is, each time") {
  Fixture test(Backend::kRocks);
  const auto file = *test.folder / "root.key";
  for (const std::string damaged : {"", "short"}) {
    const Key key = test.create();
    std::ofstream(file) << damaged;
    CHECK(fault_of([&] { test.reopen(); }).find("--repair") != std::string::npos);
    test.reopen(kv::Damage::kSetAside);
    CHECK_FALSE(fault_of([&] { test.engine->encrypt(test.find(key), "text", {}); }).empty());
    const Key fresh = test.create();
    test.reopen();
    CHECK(test.decrypt(fresh, test.engine->encrypt(fresh, "text", {})) == "text");
  }
  CHECK(content(*test.folder / "root.key.damaged-1").empty());
  CHECK(content(*test.folder / "root.key.damaged-2") == "short");
}

TEST_CASE("Vault: sealed material that changes places is not taken") {
  Fixture test;
  const Key one = test.create();
  const Key two = test.create();
  kv::Batch batch;
  batch.put(
      kv::Family::kVault, material_key(two.place, two.id, two.materials[0].id),
      *test.store->get(kv::Family::kVault, material_key(one.place, one.id, one.materials[0].id)));
  test.store->commit(batch);
  CHECK_FALSE(fault_of([&] { test.engine->encrypt(two, "text", {}); }).empty());
}

TEST_CASE("Vault: every record can be verified, and a damaged one is found") {
  Fixture test;
  const Key key = test.create();
  REQUIRE(test.engine->create_alias(test.place, "alias/a", key.id, [](const Key&) {}));
  Grant grant;
  grant.key_id = key.id;
  REQUIRE(test.engine->create_grant(test.place, grant, [](const Key&) {}));
  std::size_t records = 0;
  const auto cursor = test.store->cursor(kv::Family::kVault);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    ++records;
    const std::string name(cursor->key());
    const std::string value(cursor->value());
    CHECK_NOTHROW(check_record(name, value));
    CHECK_THROWS_AS(check_record(name, value.substr(0, 9)), base::StorageFault);
  }
  CHECK(records == 5);
  CHECK_THROWS_AS(check_record("\x09", "x"), base::StorageFault);
}

TEST_CASE(
    "Vault: a key's record whose spec, usage, manager or state is no value of theirs is damaged") {
  Fixture test;
  const std::string whole = encode_key(test.create());
  const std::size_t spec = 1 + (1 + 12) + (1 + 9) + (1 + 36);  // behind format, place and id
  REQUIRE(whole.substr(spec, 4) == "\x01\x01\x01\x01");
  for (std::size_t at = spec; at < spec + 4; ++at) {
    for (const char value : {'\0', '\x0d'}) {
      std::string damaged = whole;
      damaged[at] = value;
      CHECK_THROWS_AS(decode_key(damaged), base::StorageFault);
    }
  }
}

TEST_CASE("Vault: every commit fails once, and nothing of the change is there") {
  base::ManualClock clock;
  for (std::size_t nth = 1; nth <= 2; ++nth) {
    auto memory = kv::make_memory_store(kv::Database::kShared);
    tests::FaultyStore store(std::move(memory));
    Engine engine(store, clock, RootKey());
    store.fail_commit(nth, tests::FaultyStore::Failure::kNotCommitted);
    NewKey request;
    request.place = {"111122223333", "us-east-1"};
    CHECK_THROWS_AS(engine.create_key(request), base::StorageFault);
    CHECK(engine.list_keys(request.place, {"", 10}).elements.empty());
    const Key key = engine.create_key(request);
    const auto opened = engine.decrypt(key, engine.encrypt(key, "text", {}), {});
    REQUIRE(opened);
    CHECK(opened->bytes() == "text");
  }
}
