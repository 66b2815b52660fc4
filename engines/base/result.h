// Result<T, Outcome>: a value, or the domain outcome that took its place. Each engine has an enum
// (or a small struct) of outcomes of its own, such as NoSuchBucket; the protocols turn them into
// wire errors. Disk failures are not outcomes, they throw StorageFault (fault.h).
//
// Usage: `return Outcome::kNoSuchKey;` or `return value;`, then `if (!result) use(result.error());`
// and `*result` or `result->member` (not `.value()`, which wants an exception type).
// For "done, or an outcome": Result<void, Outcome>, and `return {};`.
#pragma once

#include <boost/system/result.hpp>

namespace bodega::base {

template <class T, class Outcome>
using Result = boost::system::result<T, Outcome>;

}  // namespace bodega::base
