#include "protocol/redis/acl/user.h"

#include <algorithm>

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

constexpr std::size_t kHashCharacters = 64;

bool is_hash(std::string_view text) {
  return text.size() == kHashCharacters &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string hash_of(std::string_view password) { return base::to_hex(base::sha256(password)); }

// The words of "(+get ~cache:*)".
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    if (text.empty()) return words;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

}  // namespace

AclUser::AclUser(std::string name, AclSelector::Channels channels)
    : name_(std::move(name)), selectors_{AclSelector(channels)} {}

RuleFault AclUser::apply(std::string_view rule, CommandTable& table,
                         AclSelector::Channels channels) {
  const RuleFault fault = apply_to_user(rule, table, channels);
  may_everything_ =
      std::any_of(selectors_.begin(), selectors_.end(),
                  [](const AclSelector& selector) { return selector.allows_everything(); });
  return fault;
}

RuleFault AclUser::apply_to_user(std::string_view rule, CommandTable& table,
                                 AclSelector::Channels channels) {
  if (rule.empty()) return RuleFault::kNone;
  if (is_word(rule, "on") || is_word(rule, "off")) {
    enabled_ = is_word(rule, "on");
  } else if (is_word(rule, "sanitize-payload") || is_word(rule, "skip-sanitize-payload")) {
    sanitizes_payload_ = is_word(rule, "sanitize-payload");
  } else if (is_word(rule, "nopass") || is_word(rule, "resetpass")) {
    no_password_ = is_word(rule, "nopass");
    passwords_.clear();
  } else if (std::string_view("><#!").find(rule.front()) != std::string_view::npos) {
    return change_password(rule);
  } else if (rule.starts_with('(') && rule.ends_with(')')) {
    return add_selector(rule, table, channels);
  } else if (is_word(rule, "clearselectors")) {
    selectors_.resize(1, AclSelector(channels));
  } else if (is_word(rule, "reset")) {
    *this = AclUser(std::move(name_), channels);
  } else {
    return selectors_.front().apply(rule, table);
  }
  return RuleFault::kNone;
}

// ">password" and "#hash" add one, "<password" and "!hash" take one away.
RuleFault AclUser::change_password(std::string_view rule) {
  const char sign = rule.front();
  const bool hashed = sign == '#' || sign == '!';
  if (hashed && !is_hash(rule.substr(1))) return RuleFault::kMalformedHash;
  std::string hash = hashed ? std::string(rule.substr(1)) : hash_of(rule.substr(1));
  const auto known = std::find(passwords_.begin(), passwords_.end(), hash);
  if (sign == '>' || sign == '#') {
    no_password_ = false;
    if (known == passwords_.end()) passwords_.push_back(std::move(hash));
    return RuleFault::kNone;
  }
  if (known == passwords_.end()) return RuleFault::kNoSuchPassword;
  passwords_.erase(known);
  return RuleFault::kNone;
}

RuleFault AclUser::add_selector(std::string_view rule, CommandTable& table,
                                AclSelector::Channels channels) {
  AclSelector selector(channels);
  for (const std::string_view word : words_of(rule.substr(1, rule.size() - 2))) {
    const RuleFault fault = selector.apply(word, table);
    if (fault != RuleFault::kNone) return fault;
  }
  selectors_.push_back(std::move(selector));
  return RuleFault::kNone;
}

bool AclUser::accepts(std::string_view password) const {
  if (!enabled_) return false;
  if (no_password_) return true;
  const std::string given = hash_of(password);
  return std::any_of(passwords_.begin(), passwords_.end(), [&](const std::string& one) {
    return base::equal_in_constant_time(given, one);
  });
}

// Of several denials the one is told of that came closest to being allowed: a command that no
// selector allows, else the last key or channel.
Verdict AclUser::check(AclRequest& request) const {
  Verdict worst{Denial::kCommand, 0};
  for (const AclSelector& selector : selectors_) {
    const Verdict verdict = selector.check(request);
    if (verdict.allowed()) return verdict;
    const bool says_more = verdict.denial > worst.denial ||
                           (verdict.denial == worst.denial && verdict.argument > worst.argument);
    if (says_more) worst = verdict;
  }
  return worst;
}

bool AclUser::allows_with_all_keys(AclRequest& request, KeyUses use) const {
  return std::any_of(selectors_.begin(), selectors_.end(), [&](const AclSelector& selector) {
    return selector.allows_all_keys(use) && selector.check(request).allowed();
  });
}

std::vector<std::string_view> AclUser::flags() const {
  std::vector<std::string_view> out{enabled_ ? "on" : "off"};
  if (no_password_) out.emplace_back("nopass");
  out.emplace_back(sanitizes_payload_ ? "sanitize-payload" : "skip-sanitize-payload");
  return out;
}

std::string AclUser::describe() const {
  std::string out;
  for (const std::string_view flag : flags()) out.append(flag).append(" ");
  for (const std::string& password : passwords_) out += "#" + password + " ";
  out += selectors_.front().describe();
  for (std::size_t i = 1; i < selectors_.size(); ++i) {
    out += " (" + selectors_[i].describe() + ")";
  }
  return out;
}

}  // namespace bodega::redis
