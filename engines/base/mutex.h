// Locks whose use clang checks: a member says which lock guards it (GUARDED_BY), a function which
// lock its caller holds (REQUIRES_LOCK), and `script/lint --threads` fails where the code does not
// keep to it. They are the standard library's mutexes, which carry no such words themselves.
#pragma once

#include <condition_variable>
#include <mutex>
#include <shared_mutex>

#if defined(__clang__)
#define BODEGA_LOCKS(words) __attribute__((words))
#else
#define BODEGA_LOCKS(words)
#endif

#define GUARDED_BY(mutex) BODEGA_LOCKS(guarded_by(mutex))
#define REQUIRES_LOCK(...) BODEGA_LOCKS(requires_capability(__VA_ARGS__))
#define REQUIRES_SHARED_LOCK(...) BODEGA_LOCKS(requires_shared_capability(__VA_ARGS__))
#define LOCKED_AFTER(...) BODEGA_LOCKS(acquired_after(__VA_ARGS__))

namespace bodega::base {

class BODEGA_LOCKS(capability("mutex")) Mutex {
 public:
  void lock() BODEGA_LOCKS(acquire_capability()) { mutex_.lock(); }
  void unlock() BODEGA_LOCKS(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class BODEGA_LOCKS(capability("mutex")) SharedMutex {
 public:
  void lock() BODEGA_LOCKS(acquire_capability()) { mutex_.lock(); }
  void unlock() BODEGA_LOCKS(release_capability()) { mutex_.unlock(); }
  void lock_shared() BODEGA_LOCKS(acquire_shared_capability()) { mutex_.lock_shared(); }
  void unlock_shared() BODEGA_LOCKS(release_shared_capability()) { mutex_.unlock_shared(); }

 private:
  std::shared_mutex mutex_;
};

// Holds a mutex, of either kind alone, until the end of the scope.
template <class AnyMutex>
class BODEGA_LOCKS(scoped_lockable) Lock {
 public:
  explicit Lock(AnyMutex& mutex) BODEGA_LOCKS(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~Lock() BODEGA_LOCKS(release_capability()) { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  AnyMutex& mutex_;
};

// Holds a shared mutex together with other readers until the end of the scope.
template <class AnyMutex>
class BODEGA_LOCKS(scoped_lockable) SharedLock {
 public:
  explicit SharedLock(AnyMutex& mutex) BODEGA_LOCKS(acquire_shared_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~SharedLock() BODEGA_LOCKS(release_generic_capability()) { mutex_.unlock_shared(); }
  SharedLock(const SharedLock&) = delete;
  SharedLock& operator=(const SharedLock&) = delete;

 private:
  AnyMutex& mutex_;
};

// Waits for a change of what a Mutex guards. Wait in a loop: wakings can be spurious, and clang
// cannot look into a predicate.
class Condition {
 public:
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

  void wait(Mutex& mutex) REQUIRES_LOCK(mutex) { condition_.wait(mutex); }

  // Returns after `duration` at the latest.
  template <class Duration>
  void wait_for(Mutex& mutex, Duration duration) REQUIRES_LOCK(mutex) {
    condition_.wait_for(mutex, duration);
  }

 private:
  std::condition_variable_any condition_;
};

}  // namespace bodega::base
