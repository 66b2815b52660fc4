#include "protocol/redis/acl/users.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engines/base/check.h"
#include "protocol/redis/wire/errors.h"

namespace bodega::redis {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

struct MergedRules {
  std::vector<std::string> rules;
  std::optional<std::string_view> unmatched;  // where a parenthesis opens that nothing closes
};

// A selector that is spread over several rules becomes one.
MergedRules merge_selectors(std::span<const std::string_view> rules) {
  MergedRules out;
  for (const std::string_view rule : rules) {
    if (out.unmatched) {
      out.rules.back().append(" ").append(rule);
    } else {
      out.rules.emplace_back(rule);
    }
    if (out.unmatched || rule.starts_with('(')) {
      if (!out.unmatched) out.unmatched = rule;
      if (rule.ends_with(')')) out.unmatched.reset();
    }
  }
  return out;
}

}  // namespace

AclUsers::AclUsers(CommandTable& table) : table_(table) {
  auto made = make_default_user();
  default_user_ = made.get();
  users_.emplace(kDefaultName, std::move(made));
}

std::unique_ptr<AclUser> AclUsers::make_default_user() const {
  auto user = std::make_unique<AclUser>(std::string(kDefaultName), AclSelector::Channels::kAll);
  for (const std::string_view rule : {"+@all", "~*", "on", "nopass"}) {
    user->apply(rule, table_, channels_);
  }
  return user;
}

AclUser* AclUsers::find(std::string_view name) const {
  const auto place = users_.find(name);
  return place == users_.end() ? nullptr : place->second.get();
}

AclUser AclUsers::changed(std::string_view name, std::span<const std::string_view> rules) const {
  const AclUser* known = find(name);
  AclUser user = known != nullptr ? *known : AclUser(std::string(name), channels_);
  const MergedRules merged = merge_selectors(rules);
  if (merged.unmatched) {
    throw Error("ERR Unmatched parenthesis in acl selector starting at '" +
                std::string(*merged.unmatched) + "'.");
  }
  for (const std::string& rule : merged.rules) {
    const RuleFault fault = user.apply(rule, table_, channels_);
    if (fault == RuleFault::kNone) continue;
    throw Error("ERR Error in ACL SETUSER modifier '" + rule + "': " + std::string(text_of(fault)));
  }
  return user;
}

void AclUsers::put(AclUser user) {
  if (AclUser* known = find(user.name())) {
    *known = std::move(user);
    return;
  }
  std::string name = user.name();
  users_.emplace(std::move(name), std::make_unique<AclUser>(std::move(user)));
}

std::unique_ptr<AclUser> AclUsers::remove(std::string_view name) {
  BODEGA_CHECK(name != kDefaultName);
  const auto place = users_.find(name);
  if (place == users_.end()) return nullptr;
  std::unique_ptr<AclUser> user = std::move(place->second);
  users_.erase(place);
  return user;
}

void AclUsers::set_default_password(std::string_view password) {
  default_user_->apply("resetpass", table_, channels_);
  const std::string rule = password.empty() ? "nopass" : ">" + std::string(password);
  default_user_->apply(rule, table_, channels_);
}

// ---- The ACL file ----

std::string AclUsers::to_lines() const {
  std::string out;
  for (const auto& [name, user] : users_) {
    out += "user " + name + " " + user->describe() + "\n";
  }
  return out;
}

AclUsers::Map AclUsers::from_lines(std::string_view lines, std::string_view path) const {
  Map users;
  std::string faults;
  int number = 0;
  for (const std::string_view line : split(lines, '\n')) {
    const std::string place = std::string(path) + ":" + std::to_string(++number);
    if (!trimmed(line).empty()) add_line(users, trimmed(line), place, faults);
  }
  if (!faults.empty()) {
    throw Error("ERR " + faults +
                "WARNING: ACL errors detected, no change to the previously active ACL rules was "
                "performed");
  }
  if (users.find(kDefaultName) == users.end()) {
    users.emplace(kDefaultName, make_default_user());
  }
  return users;
}

// The user of one line; or what is wrong with the line, behind `faults`.
void AclUsers::add_line(Map& users, std::string_view line, std::string_view place,
                        std::string& faults) const {
  const auto fault = [&](const std::string& text) { faults += std::string(place) + text + ". "; };
  const std::vector<std::string_view> words = split(line, ' ');
  if (words[0] != "user" || words.size() < 2) {
    return fault(" should start with user keyword followed by the username");
  }
  if (has_spaces(words[1])) {
    return fault(": username '" + std::string(words[1]) + "' contains invalid characters");
  }
  if (users.find(words[1]) != users.end()) {
    const std::string_view number = place.substr(place.rfind(':') + 1);
    faults += "WARNING: Duplicate user '" + std::string(words[1]) + "' found on line " +
              std::string(number) + ". ";
    return;
  }
  const MergedRules merged = merge_selectors(std::span(words).subspan(2));
  if (merged.unmatched) return fault(": Unmatched parenthesis in selector definition");
  auto user = std::make_unique<AclUser>(std::string(words[1]), channels_);
  bool told = false;  // of the first fault besides unknown commands; those after it may follow
  for (const std::string& rule : merged.rules) {
    const RuleFault found = user->apply(trimmed(rule), table_, channels_);
    if (found == RuleFault::kUnknownCommand) {
      fault(": Error in applying operation '" + rule + "': " + std::string(text_of(found)));
    } else if (found != RuleFault::kNone && !told) {
      fault(": " + std::string(text_of(found)));
      told = true;
    }
  }
  users.emplace(words[1], std::move(user));
}

AclUsers::Map AclUsers::replace(Map users) {
  const auto place = users.find(kDefaultName);
  BODEGA_CHECK(place != users.end());
  default_user_ = place->second.get();
  return std::exchange(users_, std::move(users));
}

}  // namespace bodega::redis
