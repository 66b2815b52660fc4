// AclUser: a name, passwords and permissions. Sessions refer to their user, so a change of one is
// felt by the next command of each of its sessions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/acl/selector.h"

namespace bodega::redis {

class AclUser {
 public:
  // As ACL SETUSER makes one: disabled, without passwords, and may do nothing.
  AclUser(std::string name, AclSelector::Channels channels);

  const std::string& name() const { return name_; }
  bool enabled() const { return enabled_; }
  // Any password is right.
  bool no_password() const { return no_password_; }
  // A new connection is this user's without AUTH, if it is the default user.
  bool is_open() const { return enabled_ && no_password_; }
  // SHA-256 in hex of each password.
  const std::vector<std::string>& passwords() const { return passwords_; }
  // The root selector first.
  const std::vector<AclSelector>& selectors() const { return selectors_; }
  // Every command, key and channel is allowed: nothing needs to be checked.
  bool may_everything() const { return may_everything_; }

  // One rule of ACL SETUSER. `channels`: what a selector has after "reset" (acl-pubsub-default).
  // When it has a fault nothing is changed.
  RuleFault apply(std::string_view rule, CommandTable& table, AclSelector::Channels channels);

  // What the password is compared with; false also for a disabled user.
  bool accepts(std::string_view password) const;
  Verdict check(AclRequest& request) const;
  // Whether the request is allowed by a selector that allows all keys to be read besides.
  bool allows_with_all_keys(AclRequest& request, KeyUses use) const;

  // "on", "nopass", "sanitize-payload" …
  std::vector<std::string_view> flags() const;
  // The rules that make this user, as ACL LIST shows them behind the name.
  std::string describe() const;

 private:
  RuleFault apply_to_user(std::string_view rule, CommandTable& table,
                          AclSelector::Channels channels);
  RuleFault change_password(std::string_view rule);
  RuleFault add_selector(std::string_view rule, CommandTable& table,
                         AclSelector::Channels channels);

  std::string name_;
  bool enabled_ = false;
  bool no_password_ = false;
  bool sanitizes_payload_ = true;
  bool may_everything_ = false;
  std::vector<std::string> passwords_;
  std::vector<AclSelector> selectors_;
};

}  // namespace bodega::redis
