// Flags: a set of values of an enum class whose values are single bits.
#pragma once

#include <cstdint>

namespace bodega::base {

template <class Enum>
class Flags {
 public:
  constexpr Flags() = default;
  // Not explicit: a row of a table may name one value or several.
  constexpr Flags(Enum one) : bits_(static_cast<std::uint32_t>(one)) {}

  constexpr bool empty() const { return bits_ == 0; }
  constexpr bool has(Enum one) const { return has_any(one); }
  constexpr bool has_any(Flags of) const { return (bits_ & of.bits_) != 0; }
  constexpr bool has_all(Flags of) const { return (bits_ & of.bits_) == of.bits_; }

  constexpr Flags without(Flags less) const {
    Flags out = *this;
    out.bits_ &= ~less.bits_;
    return out;
  }

  constexpr Flags& operator|=(Flags more) {
    bits_ |= more.bits_;
    return *this;
  }
  friend constexpr Flags operator|(Flags some, Flags more) { return some |= more; }

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace bodega::base
