// FunctionRef: a callback that lives only as long as the call it is passed to. It owns nothing and
// allocates nothing, so that walking a value costs no more than a virtual call per element.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace bodega::base {

template <class Signature>
class FunctionRef;

template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  // Not explicit: a lambda is passed as it is. Not for a FunctionRef, which is copied.
  template <class F, class = std::enable_if_t<!std::is_same_v<std::remove_cvref_t<F>, FunctionRef>>>
  FunctionRef(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* object, Args... args) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...);
        }) {}

  R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  R (*call_)(void*, Args...);
};

}  // namespace bodega::base
