#include "engines/keyspace/structures/slots.h"

#include <array>

namespace bodega::keyspace {
namespace {

constexpr std::uint32_t kPolynomial = 0x1021;

constexpr std::array<std::uint16_t, 256> make_crc_table() {
  std::array<std::uint16_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t crc = byte << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? kPolynomial : 0);
    table[byte] = static_cast<std::uint16_t>(crc);
  }
  return table;
}

constexpr std::array<std::uint16_t, 256> kCrcTable = make_crc_table();

std::uint32_t crc16(std::string_view bytes) {
  std::uint32_t crc = 0;
  for (const char c : bytes) {
    const std::uint32_t byte = static_cast<unsigned char>(c);
    crc = ((crc << 8) ^ kCrcTable[((crc >> 8) ^ byte) & 0xFF]) & 0xFFFF;
  }
  return crc;
}

}  // namespace

unsigned slot_of(std::string_view key) {
  const std::size_t open = key.find('{');
  if (open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  return crc16(key) % kSlots;
}

void SlotIndex::remove(Entry& entry) {
  const auto slot = slots_.find(slot_of(entry.key()));
  if (slot == slots_.end()) return;
  slot->second.erase(&entry);
  if (slot->second.empty()) slots_.erase(slot);
}

std::size_t SlotIndex::count(unsigned slot) const {
  const auto found = slots_.find(slot);
  return found == slots_.end() ? 0 : found->second.size();
}

void SlotIndex::for_each(unsigned slot, base::FunctionRef<bool(const Entry&)> visit) const {
  const auto found = slots_.find(slot);
  if (found == slots_.end()) return;
  for (const Entry* entry : found->second) {
    if (!visit(*entry)) return;
  }
}

}  // namespace bodega::keyspace
