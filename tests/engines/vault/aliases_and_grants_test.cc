// Aliases and grants.
#include <functional>

#include "tests/engines/vault/fixture.h"

using namespace bodega;
using namespace bodega::vault;
using testing::Fixture;

namespace {

void accept(const Key&) {}

Grant grant_of(const Key& key, const std::string& grantee, const std::string& name = "") {
  Grant grant;
  grant.key_id = key.id;
  grant.grantee = grantee;
  grant.retiring = "retiring " + grantee;
  grant.name = name;
  grant.operations = {"Encrypt", "Decrypt"};
  grant.context_equals = {{"purpose", "test"}};
  return grant;
}

}  // namespace

TEST_CASE("Vault: an alias is of one place, and not taken twice") {
  Fixture test;
  const Key key = test.create();
  REQUIRE(test.engine->create_alias(test.place, "alias/a", key.id, accept));
  CHECK(test.engine->create_alias(test.place, "alias/a", key.id, accept).error() ==
        Outcome::kAliasExists);
  CHECK(test.engine->create_alias(test.place, "alias/b", "another", accept).error() ==
        Outcome::kNoSuchKey);
  CHECK_FALSE(test.engine->find_alias({"111122223333", "us-east-2"}, "alias/a"));
}

TEST_CASE("Vault: an alias can point elsewhere and be deleted") {
  Fixture test;
  const Key first = test.create();
  const Key second = test.create();
  REQUIRE(test.engine->create_alias(test.place, "alias/a", first.id, accept));
  test.clock.advance_ms(5);
  std::string seen;
  const auto check = [&seen](const std::optional<Key>& old_key, const Key& new_key) {
    seen = old_key->id + " " + new_key.id;
  };
  REQUIRE(test.engine->update_alias(test.place, "alias/a", second.id, check));
  CHECK(seen == first.id + " " + second.id);
  const auto alias = test.engine->find_alias(test.place, "alias/a");
  CHECK(alias->key_id == second.id);
  CHECK(alias->updated_us == alias->created_us + 5000);
  CHECK(test.engine->update_alias(test.place, "alias/none", second.id, check).error() ==
        Outcome::kNoSuchAlias);
  REQUIRE(test.engine->delete_alias(test.place, "alias/a"));
  CHECK(test.engine->delete_alias(test.place, "alias/a").error() == Outcome::kNoSuchAlias);
}

TEST_CASE("Vault: aliases of one key are listed, in pages") {
  Fixture test;
  const Key key = test.create();
  const Key other = test.create();
  for (const char* name : {"alias/a", "alias/c", "alias/e"}) {
    REQUIRE(test.engine->create_alias(test.place, name, key.id, accept));
  }
  REQUIRE(test.engine->create_alias(test.place, "alias/b", other.id, accept));
  const auto first = test.engine->list_aliases(test.place, key.id, {"", 2});
  REQUIRE(first.elements.size() == 2);
  CHECK(first.elements[1].name == "alias/c");
  const auto second = test.engine->list_aliases(test.place, key.id, {first.after, 2});
  REQUIRE(second.elements.size() == 1);
  CHECK(second.elements[0].name == "alias/e");
  CHECK(second.after.empty());
}

TEST_CASE("Vault: aliases and grants of a key whose deletion is due are gone, whatever is asked") {
  std::string grant_id;
  const auto is_gone = [&](const std::function<bool(Fixture&, const Key&)>& shows) {
    Fixture test;
    const Key key = test.create();
    REQUIRE(test.engine->create_alias(test.place, "alias/a", key.id, accept));
    grant_id = test.engine->create_grant(test.place, grant_of(key, "a"), accept)->grant_id;
    REQUIRE(test.engine->change_key(key.place, key.id, [&](Key& changed) {
      changed.state = KeyState::kPendingDeletion;
      changed.deletion_us = test.clock.now_us() + 7 * kDayUs;
    }));
    test.clock.advance_us(7 * kDayUs - 1);
    REQUIRE(shows(test, key));
    test.clock.advance_us(1);
    return !shows(test, key);
  };
  CHECK(is_gone([](Fixture& test, const Key&) {
    return test.engine->find_alias(test.place, "alias/a").has_value();
  }));
  CHECK(is_gone([](Fixture& test, const Key& key) {
    return !test.engine->list_aliases(test.place, key.id, {"", 10}).elements.empty();
  }));
  CHECK(is_gone([](Fixture& test, const Key& key) {
    return !test.engine->list_grants(test.place, key.id, {}, {"", 10}).elements.empty();
  }));
  CHECK(is_gone([&](Fixture& test, const Key& key) {
    return test.engine->find_grant(test.place, key.id, grant_id).has_value();
  }));
}

TEST_CASE("Vault: a grant comes back as it was given") {
  Fixture test;
  const Key key = test.create();
  Grant grant = grant_of(key, "somebody", "name");
  grant.grantee_service = "s3.amazonaws.com";
  grant.retiring_service = "sns.amazonaws.com";
  grant.issuer = "111122223333";
  grant.context_subset = {{"a", "b"}};
  grant.source_arn = "arn:aws:s3:us-east-1:111122223333:bucket";
  const auto granted = test.engine->create_grant(test.place, grant, accept);
  REQUIRE(granted);
  const auto found = test.engine->find_grant(test.place, key.id, granted->grant_id);
  REQUIRE(found);
  CHECK(found->name == "name");
  CHECK(found->grantee == "somebody");
  CHECK(found->retiring == "retiring somebody");
  CHECK(found->grantee_service == "s3.amazonaws.com");
  CHECK(found->retiring_service == "sns.amazonaws.com");
  CHECK(found->issuer == "111122223333");
  CHECK(found->operations == std::vector<std::string>{"Encrypt", "Decrypt"});
  CHECK(found->context_subset == Fields{{"a", "b"}});
  CHECK(found->context_equals == Fields{{"purpose", "test"}});
  CHECK(found->source_arn == grant.source_arn);
  CHECK(found->created_us == test.clock.now_us());
}

TEST_CASE("Vault: a named grant that is asked for again is the same one, with another token") {
  Fixture test;
  const Key key = test.create();
  const auto first = test.engine->create_grant(test.place, grant_of(key, "a", "name"), accept);
  test.clock.advance_ms(1);
  const auto again = test.engine->create_grant(test.place, grant_of(key, "a", "name"), accept);
  const auto other = test.engine->create_grant(test.place, grant_of(key, "b", "name"), accept);
  const auto unnamed = test.engine->create_grant(test.place, grant_of(key, "a"), accept);
  const auto twin = test.engine->create_grant(test.place, grant_of(key, "a"), accept);
  CHECK(first->grant_id == again->grant_id);
  CHECK(first->token != again->token);
  CHECK(first->grant_id != other->grant_id);
  CHECK(unnamed->grant_id != twin->grant_id);
}

TEST_CASE("Vault: a grant token says which grant, to its own place, and is not forged") {
  Fixture test;
  CHECK_FALSE(test.engine->read_grant_token(test.place, "bm8gdG9rZW4="));
  const Key key = test.create();
  const auto granted = test.engine->create_grant(test.place, grant_of(key, "a"), accept);
  const auto read = test.engine->read_grant_token(test.place, granted->token);
  REQUIRE(read);
  CHECK(read->key_id == key.id);
  CHECK(read->grant_id == granted->grant_id);
  CHECK_FALSE(test.engine->read_grant_token({"1", "us-east-1"}, granted->token));
  std::string forged = granted->token;
  forged[20] = forged[20] == 'A' ? 'B' : 'A';
  CHECK_FALSE(test.engine->read_grant_token(test.place, forged));
  CHECK_FALSE(test.engine->read_grant_token(test.place, "not base64!"));
}

TEST_CASE("Vault: grants are listed by key and by what they say, and deleted") {
  Fixture test;
  const Key key = test.create();
  const Key other = test.create();
  const auto one = test.engine->create_grant(test.place, grant_of(key, "a"), accept);
  REQUIRE(test.engine->create_grant(test.place, grant_of(key, "b"), accept));
  REQUIRE(test.engine->create_grant(test.place, grant_of(other, "a"), accept));
  const auto count = [&](std::string_view key_id, const GrantFilter& filter) {
    return test.engine->list_grants(test.place, key_id, filter, {"", 10}).elements.size();
  };
  GrantFilter grantee;
  grantee.grantee = "a";
  GrantFilter retiring;
  retiring.retiring = "retiring a";
  CHECK(count(key.id, {}) == 2);
  CHECK(count(key.id, grantee) == 1);
  CHECK(count("", retiring) == 2);
  REQUIRE(test.engine->delete_grant(test.place, key.id, one->grant_id));
  CHECK(count(key.id, {}) == 1);
  CHECK(test.engine->delete_grant(test.place, key.id, one->grant_id).error() ==
        Outcome::kNoSuchGrant);
}

TEST_CASE("Vault: clear takes keys, material, aliases and grants, of all or of one account") {
  Fixture test;
  test.engine->clear();
  const Key key = test.create();
  const std::string ciphertext = test.engine->encrypt(key, "text", {});
  REQUIRE(test.engine->create_alias(test.place, "alias/a", key.id, accept));
  REQUIRE(test.engine->create_grant(test.place, grant_of(key, "one"), accept));
  const Place mine = test.place;
  test.place.account = "999988887777";
  const Key other = test.create();
  const std::string kept = test.engine->encrypt(other, "kept", {});
  test.engine->clear(mine.account);
  CHECK_FALSE(test.engine->find_key(mine, key.id));
  CHECK_FALSE(test.engine->find_alias(mine, "alias/a"));
  CHECK(test.engine->list_grants(mine, "", {}, {{}, 10}).elements.empty());
  CHECK(test.decrypt(test.find(other), kept) == "kept");
  test.engine->clear();
  CHECK_FALSE(test.engine->find_key(test.place, other.id));
  // The root key is still the one that the store has the proof of.
  const Key next = test.create();
  CHECK(test.decrypt(next, test.engine->encrypt(next, "text", {})) == "text");
}
