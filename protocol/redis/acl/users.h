// AclUsers: the users of one server, by name. There always is the user "default", whose every
// connection is until it says otherwise. Nothing here is kept but in the ACL file (file.h).
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/acl/user.h"

namespace bodega::redis {

class AclUsers {
 public:
  using Map = std::map<std::string, std::unique_ptr<AclUser>, std::less<>>;
  static constexpr std::string_view kDefaultName = "default";

  // The table must outlive it. The default user may do everything, without a password.
  explicit AclUsers(CommandTable& table);

  AclUser& default_user() const { return *default_user_; }
  // Null when there is none of the name. Valid until it is removed or replaced.
  AclUser* find(std::string_view name) const;
  const Map& all() const { return users_; }

  // The user as these rules would make it from the one of that name or, if there is none, from a
  // new one. A selector may be spread over several rules: "(+get", "~a)". Throws Error.
  AclUser changed(std::string_view name, std::span<const std::string_view> rules) const;
  // Takes the place of the user of its name, at the same address; or is new.
  void put(AclUser user);
  // The user, which is no longer there; null when there was none. REQUIRES: not the default one.
  std::unique_ptr<AclUser> remove(std::string_view name);

  // requirepass; an empty one means that no password is needed.
  void set_default_password(std::string_view password);

  // acl-pubsub-default: what new users and selectors may do with channels.
  void set_default_channels(AclSelector::Channels channels) { channels_ = channels; }

  // The lines of an ACL file: all users, "user NAME rules…" each.
  std::string to_lines() const;
  // The users that such lines make; the default one is among them in any case. Throws Error, which
  // says all that is wrong with them and names `path` as where it stands.
  Map from_lines(std::string_view lines, std::string_view path) const;
  // Takes them in place of all there are, which are returned: sessions may still refer to them.
  Map replace(Map users);

 private:
  std::unique_ptr<AclUser> make_default_user() const;
  void add_line(Map& users, std::string_view line, std::string_view place,
                std::string& faults) const;

  CommandTable& table_;
  AclSelector::Channels channels_ = AclSelector::Channels::kNone;
  Map users_;
  AclUser* default_user_;
};

}  // namespace bodega::redis
