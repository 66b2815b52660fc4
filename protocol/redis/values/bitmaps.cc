// Bitmaps: strings as rows of bits, the first bit being the highest of the first byte.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/base/large_memory.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/families.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/instance/lookup.h"
#include "protocol/redis/wire/arguments.h"

namespace bodega::redis {
namespace {

using keyspace::Entry;
using keyspace::TextBuffer;
using keyspace::Type;

constexpr std::string_view kBadOffset = "ERR bit offset is not an integer or out of range";

// "123", or "#4" for the fourth integer of `width` bits.
std::uint64_t to_bit_offset(const Call& call, std::string_view text, int width) {
  std::int64_t scale = 1;
  if (width > 0 && text.starts_with('#')) {
    text.remove_prefix(1);
    scale = width;
  }
  std::int64_t offset = to_integer(text, kBadOffset);
  const std::int64_t limit = call.instance.parameters().live().proto_max_bulk_len;
  if (offset < 0 || __builtin_mul_overflow(offset, scale, &offset) || (offset >> 3) >= limit) {
    throw Error(kBadOffset);
  }
  return static_cast<std::uint64_t>(offset);
}

bool bit_at(std::string_view text, std::uint64_t offset) {
  const std::uint64_t byte = offset >> 3;
  return byte < text.size() && ((static_cast<unsigned char>(text[byte]) >> (7 - (offset & 7))) & 1);
}

void setbit(Call& call) {
  const std::string_view key = call.arg(1);
  const std::uint64_t offset = to_bit_offset(call, call.arg(2), 0);
  const auto bit = base::canonical_integer(call.arg(3));
  if (!bit || (*bit != 0 && *bit != 1)) {
    throw Error("ERR bit is not an integer or out of range");
  }
  const Entry* entry = find_write(call, key, Type::kString);
  if (entry != nullptr && offset >> 3 < entry->length()) {
    // A bit that stays as it is changes nothing but the encoding.
    TextBuffer buffer;
    const bool now = bit_at(entry->text(buffer), offset);
    if (now == (*bit == 1)) {
      call.keyspace.make_raw(call.db, key);
      return call.reply.integer(*bit);
    }
  }
  char& byte = call.keyspace.edit_string(call.db, key, offset >> 3, 1)[0];
  const auto mask = static_cast<unsigned char>(0x80u >> (offset & 7));
  const auto before = static_cast<unsigned char>(byte);
  byte = static_cast<char>(*bit == 1 ? before | mask : before & ~mask);
  call.notify(kNotifyString, "setbit", key);
  call.reply.integer((before & mask) != 0 ? 1 : 0);
}

void getbit(Call& call) {
  const std::uint64_t offset = to_bit_offset(call, call.arg(2), 0);
  const Entry* entry = find_read(call, call.arg(1), Type::kString);
  TextBuffer buffer;
  call.reply.integer(entry != nullptr && bit_at(entry->text(buffer), offset) ? 1 : 0);
}

// ---- BITCOUNT, BITPOS ----

// A range of bits, both ends inclusive.
struct BitRange {
  std::int64_t first;
  std::int64_t last;
  bool empty() const { return first > last; }
};

enum class Unit : std::uint8_t { kByte, kBit };

constexpr Choice<Unit> kUnits[] = {{"BYTE", Unit::kByte}, {"BIT", Unit::kBit}};

// Start and end count from the end when negative; both are brought into the string.
BitRange to_range(std::int64_t start, std::int64_t end, Unit unit, std::size_t bytes) {
  const auto total = static_cast<std::int64_t>(bytes) * (unit == Unit::kBit ? 8 : 1);
  if (start < 0 && end < 0 && start > end) return {0, -1};
  if (start < 0) start = std::max<std::int64_t>(start + total, 0);
  if (end < 0) end = std::max<std::int64_t>(end + total, 0);
  end = std::min(end, total - 1);
  if (start > end) return {0, -1};
  if (unit == Unit::kBit) return {start, end};
  return {start * 8, end * 8 + 7};
}

std::int64_t count_bits(std::string_view text, BitRange range) {
  std::int64_t count = 0;
  std::int64_t at = range.first;
  while (at <= range.last && (at & 7) != 0) {
    count += bit_at(text, static_cast<std::uint64_t>(at++)) ? 1 : 0;
  }
  for (; at + 7 <= range.last; at += 8) {
    count += std::popcount(static_cast<unsigned char>(text[static_cast<std::size_t>(at >> 3)]));
  }
  while (at <= range.last) count += bit_at(text, static_cast<std::uint64_t>(at++)) ? 1 : 0;
  return count;
}

void bitcount(Call& call) {
  if (call.size() == 3 || call.size() > 5) throw Error(errors::kSyntax);
  std::int64_t start = 0;
  std::int64_t end = -1;
  Unit unit = Unit::kByte;
  if (call.size() > 3) {
    start = to_integer(call.arg(2));
    end = to_integer(call.arg(3));
    if (call.size() == 5) unit = to_choice(call.arg(4), kUnits);
  }
  const Entry* entry = find_read(call, call.arg(1), Type::kString);
  if (entry == nullptr) return call.reply.integer(0);
  TextBuffer buffer;
  const std::string_view text = entry->text(buffer);
  const BitRange range = to_range(start, end, unit, text.size());
  call.reply.integer(range.empty() ? 0 : count_bits(text, range));
}

std::int64_t find_bit(std::string_view text, BitRange range, bool wanted) {
  const char skip = wanted ? '\0' : '\xFF';
  for (std::int64_t at = range.first; at <= range.last;) {
    if ((at & 7) == 0 && at + 7 <= range.last && text[static_cast<std::size_t>(at >> 3)] == skip) {
      at += 8;
      continue;
    }
    if (bit_at(text, static_cast<std::uint64_t>(at)) == wanted) return at;
    ++at;
  }
  return -1;
}

void bitpos(Call& call) {
  const std::int64_t bit = to_integer(call.arg(2));
  if (bit != 0 && bit != 1) throw Error("ERR The bit argument must be 1 or 0.");
  if (call.size() > 6) throw Error(errors::kSyntax);
  const std::int64_t start = call.size() > 3 ? to_integer(call.arg(3)) : 0;
  const bool end_given = call.size() > 4;
  const std::int64_t end = end_given ? to_integer(call.arg(4)) : -1;
  const Unit unit = call.size() > 5 ? to_choice(call.arg(5), kUnits) : Unit::kByte;
  const Entry* entry = find_read(call, call.arg(1), Type::kString);
  if (entry == nullptr) return call.reply.integer(bit == 1 ? -1 : 0);
  TextBuffer buffer;
  const std::string_view text = entry->text(buffer);
  const BitRange range = to_range(start, end, unit, text.size());
  if (range.empty()) return call.reply.integer(-1);
  const std::int64_t found = find_bit(text, range, bit == 1);
  // Without an end, the string is taken to go on with zeros.
  if (found < 0 && bit == 0 && !end_given) {
    return call.reply.integer(static_cast<std::int64_t>(text.size()) * 8);
  }
  call.reply.integer(found);
}

// ---- BITOP ----

enum class Operation : std::uint8_t { kAnd, kOr, kXor, kNot };

constexpr Choice<Operation> kOperations[] = {{"AND", Operation::kAnd},
                                             {"OR", Operation::kOr},
                                             {"XOR", Operation::kXor},
                                             {"NOT", Operation::kNot}};

template <class Operator>
void combine(std::string& into, std::string_view other, Operator apply) {
  for (std::size_t i = 0; i < other.size(); ++i) {
    into[i] = static_cast<char>(apply(into[i], other[i]));
  }
}

std::string combined(const std::vector<std::string_view>& sources, Operation operation) {
  std::size_t length = 0;
  for (const auto source : sources) length = std::max(length, source.size());
  std::string out;
  out.reserve(length);
  base::will_be_filled(out.data(), length);
  out = sources[0];
  out.resize(length, '\0');
  if (operation == Operation::kNot) {
    for (char& c : out) c = static_cast<char>(~c);
    return out;
  }
  for (const auto source : std::span(sources).subspan(1)) {
    switch (operation) {
      case Operation::kAnd:
        combine(out, source, std::bit_and<>());
        std::fill(out.begin() + static_cast<std::ptrdiff_t>(source.size()), out.end(), '\0');
        break;
      case Operation::kOr: combine(out, source, std::bit_or<>()); break;
      case Operation::kXor: combine(out, source, std::bit_xor<>()); break;
      case Operation::kNot: break;
    }
  }
  return out;
}

void bitop(Call& call) {
  const Operation operation = to_choice(call.arg(1), kOperations);
  const std::string_view target = call.arg(2);
  if (operation == Operation::kNot && call.size() != 4) {
    throw Error("ERR BITOP NOT must be called with a single source key.");
  }
  const auto keys = call.args.subspan(3);
  // Whatever expires does so here: the views that follow are good until the target is changed.
  for (const auto key : keys) find_read(call, key, Type::kString);
  std::vector<TextBuffer> buffers(keys.size());
  std::vector<std::string_view> sources;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Entry* entry = call.keyspace.find(call.db, keys[i], keyspace::Touch::kNo);
    sources.push_back(entry == nullptr ? std::string_view() : entry->text(buffers[i]));
  }
  const std::string result = combined(sources, operation);
  if (result.empty()) {
    if (call.keyspace.remove(call.db, target)) call.notify(kNotifyGeneric, "del", target);
  } else {
    call.keyspace.set_string(call.db, target, {});
    const std::span<char> room = call.keyspace.edit_string(call.db, target, 0, result.size(),
                                                           keyspace::Engine::Fill::kWhole);
    result.copy(room.data(), room.size());
    call.notify(kNotifyString, "set", target);
  }
  call.reply.integer(static_cast<std::int64_t>(result.size()));
}

// ---- BITFIELD ----

enum class Overflow : std::uint8_t { kWrap, kSaturate, kFail };
constexpr Choice<Overflow> kOverflows[] = {
    {"WRAP", Overflow::kWrap}, {"SAT", Overflow::kSaturate}, {"FAIL", Overflow::kFail}};
enum class FieldKind : std::uint8_t { kGet, kSet, kIncrement };

struct FieldStep {
  FieldKind kind;
  Overflow overflow;
  bool is_signed;
  int bits;
  std::uint64_t offset;
  std::int64_t value;
};

void parse_field_type(std::string_view text, FieldStep& step) {
  constexpr std::string_view kBadType =
      "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but "
      "i64 is.";
  if (text.empty() || (text[0] != 'i' && text[0] != 'u')) throw Error(kBadType);
  step.is_signed = text[0] == 'i';
  const auto bits = base::canonical_integer(text.substr(1));
  if (!bits || *bits < 1 || *bits > (step.is_signed ? 64 : 63)) throw Error(kBadType);
  step.bits = static_cast<int>(*bits);
}

FieldKind take_field_kind(ArgumentCursor& args) {
  if (args.take("GET", 2)) return FieldKind::kGet;
  if (args.take("SET", 3)) return FieldKind::kSet;
  if (args.take("INCRBY", 3)) return FieldKind::kIncrement;
  throw Error(errors::kSyntax);
}

enum class FieldForm : std::uint8_t { kBitfield, kReadOnly };

std::vector<FieldStep> parse_field_steps(const Call& call, FieldForm form) {
  std::vector<FieldStep> steps;
  bool writes = false;
  Overflow overflow = Overflow::kWrap;
  ArgumentCursor args(call.args, 2);
  while (args.more()) {
    if (args.take("OVERFLOW", 1)) {
      overflow = to_choice(args.next(), kOverflows, "ERR Invalid OVERFLOW type specified");
      continue;
    }
    FieldStep step{take_field_kind(args), overflow, false, 0, 0, 0};
    parse_field_type(args.next(), step);
    step.offset = to_bit_offset(call, args.next(), step.bits);
    if (step.kind != FieldKind::kGet) {
      step.value = to_integer(args.next());
      writes = true;
    }
    steps.push_back(step);
  }
  // Told last: what is wrong with a step comes first.
  if (form == FieldForm::kReadOnly && writes) {
    throw Error("ERR BITFIELD_RO only supports the GET subcommand");
  }
  return steps;
}

// Wide enough for any sum of two fields.
__extension__ typedef __int128 Wide;

std::uint64_t mask_of(int bits) {
  return bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

std::int64_t read_field(std::string_view text, const FieldStep& step) {
  std::uint64_t value = 0;
  for (int i = 0; i < step.bits; ++i) {
    value = value << 1 | (bit_at(text, step.offset + static_cast<std::uint64_t>(i)) ? 1u : 0u);
  }
  if (step.is_signed && step.bits < 64 && ((value >> (step.bits - 1)) & 1) != 0) {
    value |= ~mask_of(step.bits);
  }
  return static_cast<std::int64_t>(value);
}

void write_field(std::span<char> bytes, std::uint64_t first_byte, const FieldStep& step,
                 std::int64_t value) {
  for (int i = 0; i < step.bits; ++i) {
    const std::uint64_t at = step.offset + static_cast<std::uint64_t>(i);
    const auto mask = static_cast<unsigned char>(0x80u >> (at & 7));
    char& byte = bytes[(at >> 3) - first_byte];
    const bool on = ((static_cast<std::uint64_t>(value) >> (step.bits - 1 - i)) & 1) != 0;
    byte = static_cast<char>(on ? static_cast<unsigned char>(byte) | mask
                                : static_cast<unsigned char>(byte) & ~mask);
  }
}

// The value as the field can hold it; nothing when it does not fit and the step fails.
std::optional<std::int64_t> fitted(const FieldStep& step, Wide value) {
  const Wide low = step.is_signed ? -(Wide{1} << (step.bits - 1)) : 0;
  const Wide high = (Wide{1} << (step.is_signed ? step.bits - 1 : step.bits)) - 1;
  if (value >= low && value <= high) return static_cast<std::int64_t>(value);
  switch (step.overflow) {
    case Overflow::kFail: return std::nullopt;
    case Overflow::kSaturate: return static_cast<std::int64_t>(value < low ? low : high);
    case Overflow::kWrap: break;
  }
  std::uint64_t wrapped = static_cast<std::uint64_t>(value) & mask_of(step.bits);
  if (step.is_signed && step.bits < 64 && ((wrapped >> (step.bits - 1)) & 1) != 0) {
    wrapped |= ~mask_of(step.bits);
  }
  return static_cast<std::int64_t>(wrapped);
}

std::uint64_t first_byte_of(const FieldStep& step) { return step.offset >> 3; }
std::uint64_t last_byte_of(const FieldStep& step) {
  return (step.offset + static_cast<std::uint64_t>(step.bits) - 1) >> 3;
}

// How long the string is once all steps that write have room, whether they write or not.
std::size_t bytes_needed(const std::vector<FieldStep>& steps) {
  std::size_t needed = 0;
  for (const FieldStep& step : steps) {
    if (step.kind != FieldKind::kGet) needed = std::max(needed, last_byte_of(step) + 1);
  }
  return needed;
}

std::size_t length_of(Call& call, std::string_view key) {
  const Entry* entry = call.keyspace.find(call.db, key);
  return entry == nullptr ? 0 : entry->length();
}

// As Redis, which makes room before it tries the steps: steps that were refused and those that
// change nothing leave a raw string of that length. What was written has it already.
void finish_bitfield(Call& call, std::string_view key, std::size_t needed) {
  if (needed == 0) return;
  if (length_of(call, key) < needed) {
    call.keyspace.edit_string(call.db, key, needed, 0);
  } else {
    call.keyspace.make_raw(call.db, key);
  }
}

enum class Grown : std::uint8_t { kNo, kYes };

void run_field_step(Call& call, std::string_view key, const FieldStep& step, Grown grown,
                    bool& changed) {
  TextBuffer buffer;
  const Entry* entry = call.keyspace.find(call.db, key);
  const std::int64_t before = read_field(entry == nullptr ? "" : entry->text(buffer), step);
  if (step.kind == FieldKind::kGet) return call.reply.integer(before);
  const bool increment = step.kind == FieldKind::kIncrement;
  // An unsigned field is set from the bits that it can hold of a negative number.
  Wide wanted = increment ? Wide{before} + step.value : Wide{step.value};
  if (!increment && !step.is_signed && step.value < 0) {
    wanted = static_cast<Wide>(static_cast<std::uint64_t>(step.value));
  }
  const auto after = fitted(step, wanted);
  if (!after) return call.reply.null();
  if (*after == before) {
    changed = changed || grown == Grown::kYes;
    return call.reply.integer(increment ? *after : before);
  }
  const std::uint64_t first = first_byte_of(step);
  const auto bytes = call.keyspace.edit_string(call.db, key, first, last_byte_of(step) - first + 1);
  write_field(bytes, first, step, *after);
  changed = true;
  call.reply.integer(increment ? *after : before);
}

void run_bitfield(Call& call, FieldForm form) {
  const std::vector<FieldStep> steps = parse_field_steps(call, form);
  const std::string_view key = call.arg(1);
  find_read(call, key, Type::kString);
  bool changed = false;
  call.reply.array(steps.size());
  const std::size_t needed = bytes_needed(steps);
  const Grown grown = length_of(call, key) < needed ? Grown::kYes : Grown::kNo;
  for (const FieldStep& step : steps) run_field_step(call, key, step, grown, changed);
  finish_bitfield(call, key, needed);
  if (changed) call.notify(kNotifyString, "setbit", key);
}

void bitfield(Call& call) { run_bitfield(call, FieldForm::kBitfield); }
void bitfield_ro(Call& call) { run_bitfield(call, FieldForm::kReadOnly); }

constexpr KeySpec kRead{1, 1, 1, kKeyRO | kKeyAccess, 0};

// A request that only gets reads the key; any other may write it.
void find_bitfield_key(Args args, std::vector<KeyReference>& keys) {
  bool writes = false;
  ArgumentCursor operations(args, 2);
  while (operations.more()) {
    if (operations.take("GET", 2)) {
      operations.skip(2);
    } else if (operations.take("OVERFLOW", 1)) {
      operations.skip(1);
    } else {
      writes = true;
      operations.skip(1);
    }
  }
  const KeyUses reading = kKeyRO | kKeyAccess;
  keys.push_back({args[1], writes ? kKeyRW | kKeyAccess | kKeyUpdate : reading});
}

// clang-format off
constexpr Command kCommands[] = {
    {.name = "setbit", .arity = 4, .flags = kWrite | kDenyOom, .group = Group::kBitmap,
     .keys = {1, 1, 1, kKeyRW | kKeyAccess | kKeyUpdate, 0}, .since = "2.2.0",
     .summary = "Sets a bit and returns what it was.", .run = setbit},
    {.name = "getbit", .arity = 3, .flags = kReadonly | kFast, .group = Group::kBitmap,
     .keys = kRead, .since = "2.2.0", .summary = "Returns a bit.", .run = getbit},
    {.name = "bitcount", .arity = -2, .flags = kReadonly, .group = Group::kBitmap, .keys = kRead,
     .since = "2.6.0", .summary = "Counts the bits that are set.", .run = bitcount},
    {.name = "bitpos", .arity = -3, .flags = kReadonly, .group = Group::kBitmap, .keys = kRead,
     .since = "2.8.7", .summary = "Finds the first bit that is set or clear.", .run = bitpos},
    {.name = "bitop", .arity = -4, .flags = kWrite | kDenyOom, .group = Group::kBitmap,
     .keys = {2, 2, 1, kKeyOW | kKeyUpdate, 0}, .since = "2.6.0",
     .summary = "Combines strings bit by bit.", .run = bitop,
     .more_keys = {3, -1, 1, kKeyRO | kKeyAccess, 0}, .traits = kMakesString},
    {.name = "bitfield", .arity = -2, .flags = kWrite | kDenyOom, .group = Group::kBitmap,
     .keys = {1, 1, 1, kKeyRW | kKeyAccess | kKeyUpdate | kKeyVariable, 0}, .since = "3.2.0",
     .summary = "Reads and writes integers of any width inside a string.", .run = bitfield,
     .find_keys = find_bitfield_key},
    {.name = "bitfield_ro", .arity = -2, .flags = kReadonly | kFast, .group = Group::kBitmap,
     .keys = kRead, .since = "6.0.0", .summary = "Reads integers of any width inside a string.",
     .run = bitfield_ro},
};
// clang-format on

}  // namespace

std::span<const Command> bitmap_commands() { return kCommands; }

}  // namespace bodega::redis
