#include "protocol/redis/instance/parameters.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>

#include "engines/base/check.h"
#include "protocol/redis/wire/arguments.h"
#include "protocol/redis/wire/command.h"
#include "protocol/redis/wire/glob.h"

namespace bodega::redis {
namespace {

struct NotifyLetter {
  char letter;
  NotifyClass one;
};

constexpr NotifyClasses kNotifyAll = kNotifyGeneric | kNotifyString | kNotifyList | kNotifySet |
                                     kNotifyHash | kNotifySortedSet | kNotifyExpired |
                                     kNotifyEvicted | kNotifyStream | kNotifyModule;

constexpr NotifyLetter kNotifyLetters[] = {
    {'g', kNotifyGeneric}, {'$', kNotifyString},    {'l', kNotifyList},    {'s', kNotifySet},
    {'h', kNotifyHash},    {'z', kNotifySortedSet}, {'x', kNotifyExpired}, {'e', kNotifyEvicted},
    {'t', kNotifyStream},  {'d', kNotifyModule},
};
constexpr NotifyLetter kNotifyExtra[] = {
    {'K', kNotifyKeyspace}, {'E', kNotifyKeyevent}, {'m', kNotifyMiss}, {'n', kNotifyNew}};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// "100mb", "1gb", "5k", "42": bytes. No digits are 0, with or without a unit.
std::optional<std::int64_t> parse_memory(std::string_view text) {
  std::size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') ++digits;
  std::uint64_t value = 0;
  if (digits > 0 && std::from_chars(text.data(), text.data() + digits, value).ec != std::errc{}) {
    return std::nullopt;
  }
  const std::string_view unit = text.substr(digits);
  std::uint64_t factor = 0;
  if (unit.empty() || is_word(unit, "b")) factor = 1;
  if (is_word(unit, "k")) factor = 1000;
  if (is_word(unit, "kb")) factor = 1024;
  if (is_word(unit, "m")) factor = 1000 * 1000;
  if (is_word(unit, "mb")) factor = 1024 * 1024;
  if (is_word(unit, "g")) factor = 1000 * 1000 * 1000;
  if (is_word(unit, "gb")) factor = 1024 * 1024 * 1024;
  std::uint64_t bytes = 0;
  if (factor == 0 || __builtin_mul_overflow(value, factor, &bytes)) return std::nullopt;
  if (bytes > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(bytes);
}

std::string bounded(const ParameterRow& row, std::int64_t value) {
  if (value < row.low || value > row.high) {
    throw Error("argument must be between " + std::to_string(row.low) + " and " +
                std::to_string(row.high) + " inclusive");
  }
  return std::to_string(value);
}

std::string enum_value(const ParameterRow& row, std::string_view text) {
  const auto words = split(row.words, '|');
  const auto given =
      row.traits.has(kMultiple) ? split(text, ' ') : std::vector<std::string_view>{text};
  std::string value;
  for (const std::string_view part : given) {
    const auto word = std::find_if(words.begin(), words.end(),
                                   [&](std::string_view w) { return is_word(part, w); });
    if (word == words.end()) {
      std::string message = "argument(s) must be one of the following: ";
      for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) message += ", ";
        message += words[i];
      }
      throw Error(std::move(message));
    }
    if (!value.empty()) value += ' ';
    value += *word;
  }
  return value;
}

// Sets some classes in the text of client-output-buffer-limit, which always shows all three.
std::string output_limits(std::string_view current, std::string_view text) {
  const auto words = split(text, ' ');
  if (words.size() % 4 != 0) {
    throw Error("Wrong number of arguments in buffer limit configuration.");
  }
  std::vector<std::string> now;
  for (const auto word : split(current, ' ')) now.emplace_back(word);
  for (std::size_t i = 0; i < words.size(); i += 4) {
    std::string_view name = words[i];
    if (is_word(name, "replica")) name = "slave";
    const auto place = std::find_if(now.begin(), now.end(),
                                    [&](const std::string& word) { return is_word(name, word); });
    if (place == now.end() || (place - now.begin()) % 4 != 0) {
      throw Error("Invalid client class specified in buffer limit configuration.");
    }
    const auto hard = parse_memory(words[i + 1]);
    const auto soft = parse_memory(words[i + 2]);
    const auto seconds = base::canonical_integer(words[i + 3]);
    if (!hard || !soft || !seconds || *seconds < 0) {
      throw Error("Error in hard, soft or soft_seconds setting in buffer limit configuration.");
    }
    place[1] = std::to_string(*hard);
    place[2] = std::to_string(*soft);
    place[3] = std::to_string(*seconds);
  }
  std::string out;
  for (const auto& word : now) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::string special_value(const ParameterRow& row, std::string_view current,
                          std::string_view text) {
  if (row.name == "notify-keyspace-events") {
    const auto classes = parse_notify_classes(text);
    if (!classes) throw Error("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    return format_notify_classes(*classes);
  }
  if (row.name == "client-output-buffer-limit") return output_limits(current, text);
  if (row.name == "save") {
    const auto words = split(text, ' ');
    if (words.size() % 2 != 0) throw Error("Invalid save parameters");
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto value = base::canonical_integer(words[i]);
      if (!value || *value < (i % 2 == 0 ? 1 : 0)) throw Error("Invalid save parameters");
    }
  }
  if (row.name == "oom-score-adj-values") {
    const auto words = split(text, ' ');
    if (words.size() != 3) throw Error("wrong number of arguments");
    for (const auto word : words) {
      const auto value = base::canonical_integer(word);
      if (!value || *value < -2000 || *value > 2000) {
        throw Error("Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
      }
    }
  }
  if (row.name == "latency-tracking-info-percentiles") {
    for (const auto word : split(text, ' ')) {
      const auto value = parse_double(word);
      if (!value) throw Error("Invalid latency-tracking-info-percentiles parameters");
      if (*value < 0 || *value > 100) {
        throw Error(
            "latency-tracking-info-percentiles should contain values between 0.0 and 100.0");
      }
    }
  }
  return std::string(text);
}

// The value in its normal form; throws Error with the reason alone.
std::string normal_value(const ParameterRow& row, std::string_view current, std::string_view text) {
  switch (row.kind) {
    case ParameterKind::kBool:
      if (is_word(text, "yes")) return "yes";
      if (is_word(text, "no")) return "no";
      throw Error("argument must be 'yes' or 'no'");
    case ParameterKind::kInteger: {
      const auto value = base::canonical_integer(text);
      if (!value) throw Error("argument couldn't be parsed into an integer");
      return bounded(row, *value);
    }
    case ParameterKind::kMemory: {
      const auto value = parse_memory(text);
      if (!value) throw Error("argument must be a memory value");
      return bounded(row, *value);
    }
    case ParameterKind::kMemoryOrPercent: {
      if (text.ends_with('%')) {
        const auto percent = base::canonical_integer(text.substr(0, text.size() - 1));
        if (!percent || *percent < 0) throw Error("argument must be a memory or percent value");
        if (*percent > 100) throw Error("percentage argument must be less or equal to 100");
        return std::string(text);
      }
      const auto value = parse_memory(text);
      if (!value) throw Error("argument must be a memory or percent value");
      return bounded(row, *value);
    }
    case ParameterKind::kOctal: {
      std::int64_t value = 0;
      const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, 8);
      if (failure != std::errc{} || end != text.data() + text.size()) {
        throw Error("argument couldn't be parsed as an octal number");
      }
      bounded(row, value);
      return std::string(text);
    }
    case ParameterKind::kEnum: return enum_value(row, text);
    case ParameterKind::kText: return std::string(text);
    case ParameterKind::kSpecial: return special_value(row, current, text);
  }
  return {};
}

OutputLimit output_limit(const std::vector<std::string_view>& words, std::string_view name) {
  for (std::size_t i = 0; i + 3 < words.size(); i += 4) {
    if (words[i] != name) continue;
    return {static_cast<std::uint64_t>(base::canonical_integer(words[i + 1]).value_or(0)),
            static_cast<std::uint64_t>(base::canonical_integer(words[i + 2]).value_or(0)),
            base::canonical_integer(words[i + 3]).value_or(0)};
  }
  return {};
}

}  // namespace

std::optional<NotifyClasses> parse_notify_classes(std::string_view text) {
  NotifyClasses classes;
  for (const char c : text) {
    NotifyClasses found = c == 'A' ? kNotifyAll : NotifyClasses();
    for (const auto& row : kNotifyLetters) {
      if (row.letter == c) found |= row.one;
    }
    for (const auto& row : kNotifyExtra) {
      if (row.letter == c) found |= row.one;
    }
    if (found.empty()) return std::nullopt;
    classes |= found;
  }
  return classes;
}

std::string format_notify_classes(NotifyClasses classes) {
  std::string text;
  if (classes.has_all(kNotifyAll)) {
    text = "A";
  } else {
    for (const auto& row : kNotifyLetters) {
      if (classes.has(row.one)) text.push_back(row.letter);
    }
  }
  for (const auto& row : kNotifyExtra) {
    if (classes.has(row.one)) text.push_back(row.letter);
  }
  return text;
}

Parameters::Parameters() {
  for (const auto& row : parameter_rows()) values_.emplace_back(row.standard);
  refresh();
}

int Parameters::find(std::string_view name) const {
  const auto rows = parameter_rows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (is_word(name, rows[i].name) || (!rows[i].alias.empty() && is_word(name, rows[i].alias))) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

std::int64_t Parameters::number(std::string_view name) const {
  const int index = find(name);
  BODEGA_CHECK(index >= 0);
  return base::canonical_integer(text(index)).value_or(0);
}

std::vector<std::pair<std::string, std::string>> Parameters::matching(
    std::span<const std::string_view> patterns) const {
  std::vector<std::pair<std::string, std::string>> out;
  const auto wanted = [&](std::string_view name, bool hidden) {
    return std::any_of(patterns.begin(), patterns.end(), [&](std::string_view pattern) {
      if (hidden || pattern.find_first_of("*?[") == std::string_view::npos) {
        return is_word(pattern, name);
      }
      return glob_match(pattern, name, Case::kInsensitive);
    });
  };
  const auto rows = parameter_rows();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool hidden = rows[i].traits.has(kHidden);
    if (wanted(rows[i].name, hidden)) out.emplace_back(rows[i].name, values_[i]);
    if (!rows[i].alias.empty() && wanted(rows[i].alias, hidden)) {
      out.emplace_back(rows[i].alias, values_[i]);
    }
  }
  return out;
}

void Parameters::set(std::span<const std::string_view> pairs) {
  const auto failed = [](std::string_view name, std::string_view reason) {
    return Error("ERR CONFIG SET failed (possibly related to argument '" + std::string(name) +
                 "') - " + std::string(reason));
  };
  std::vector<int> indexes;
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    const int index = find(pairs[i]);
    if (index < 0) {
      throw Error("ERR Unknown option or number of arguments for CONFIG SET - '" +
                  std::string(pairs[i]) + "'");
    }
    if (row(index).traits.has(kImmutable)) {
      throw failed(pairs[i], "can't set immutable config");
    }
    if (row(index).traits.has(kProtected)) {
      throw failed(pairs[i], "can't set protected config");
    }
    if (std::find(indexes.begin(), indexes.end(), index) != indexes.end()) {
      throw failed(pairs[i], "duplicate parameter");
    }
    indexes.push_back(index);
  }
  std::vector<std::string> next = values_;
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    std::string& value = next[static_cast<std::size_t>(indexes[i])];
    try {
      value = normal_value(row(indexes[i]), value, pairs[2 * i + 1]);
    } catch (const Error& error) {
      throw failed(pairs[2 * i], error.text());
    }
  }
  // The listener is bound once, at start-up.
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    const auto at = static_cast<std::size_t>(indexes[i]);
    const std::string_view name = row(indexes[i]).name;
    if ((name == "port" || name == "tls-port") && next[at] != values_[at]) {
      throw failed(pairs[2 * i],
                   "Unable to listen on this port. The port is chosen at start-up only.");
    }
  }
  values_ = std::move(next);
  refresh();
}

void Parameters::preset(std::string_view name, std::string_view value) {
  const int index = find(name);
  BODEGA_CHECK(index >= 0);
  std::string& current = values_[static_cast<std::size_t>(index)];
  current = normal_value(row(index), current, value);
  refresh();
}

void Parameters::refresh() {
  live_.proto_max_bulk_len = number("proto-max-bulk-len");
  live_.client_query_buffer_limit = static_cast<std::uint64_t>(number("client-query-buffer-limit"));
  live_.maxclients = static_cast<std::uint64_t>(number("maxclients"));
  live_.timeout_s = number("timeout");
  live_.busy_reply_threshold_ms = number("busy-reply-threshold");
  live_.tcp_keepalive_s = number("tcp-keepalive");
  live_.hz = number("hz");
  live_.notify = parse_notify_classes(text("notify-keyspace-events")).value_or(NotifyClasses());
  live_.slowlog_log_slower_than_us = number("slowlog-log-slower-than");
  live_.slowlog_max_len = static_cast<std::size_t>(number("slowlog-max-len"));
  live_.latency_monitor_threshold_ms = number("latency-monitor-threshold");
  live_.latency_tracking = text("latency-tracking") == "yes";
  live_.percentiles.clear();
  for (const auto word : split(text("latency-tracking-info-percentiles"), ' ')) {
    live_.percentiles.push_back(parse_double(word).value_or(0));
  }
  live_.acllog_max_len = static_cast<std::size_t>(number("acllog-max-len"));
  live_.maxmemory = static_cast<std::uint64_t>(number("maxmemory"));
  live_.min_replicas_to_write = number("min-replicas-to-write");
  live_.lfu = text("maxmemory-policy").ends_with("lfu");
  live_.double_form =
      text("compatibility") == "7.0" ? DoubleForm::kDigits17 : DoubleForm::kShortest;
  live_.tracking_table_max_keys = static_cast<std::size_t>(number("tracking-table-max-keys"));
  live_.hll_sparse_max_bytes = static_cast<std::size_t>(number("hll-sparse-max-bytes"));
  const auto limits = split(text("client-output-buffer-limit"), ' ');
  live_.normal_output = output_limit(limits, "normal");
  live_.pubsub_output = output_limit(limits, "pubsub");
  live_.replica_output = output_limit(limits, "slave");
}

}  // namespace bodega::redis
