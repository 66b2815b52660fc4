// ServiceState: what services keep in memory for one world, one object per type. A service asks for
// its own type and gets the world's instance, so that two worlds share no token and no cache of
// answers, and a world that goes away takes it along. What is a Job is one of the world's jobs.
#pragma once

#include <atomic>
#include <concepts>
#include <typeindex>
#include <typeinfo>

#include "engines/base/function_ref.h"
#include "engines/base/job.h"
#include "engines/base/mutex.h"

namespace bodega::base {

class ServiceState {
 public:
  ServiceState() = default;
  ~ServiceState();
  ServiceState(const ServiceState&) = delete;
  ServiceState& operator=(const ServiceState&) = delete;

  // The world's State, made on the first call; lives as long as this. Thread-safe, without a lock
  // once it is there.
  template <class State>
  State& get() {
    const std::type_index type(typeid(State));
    if (Entry* entry = find(type)) return static_cast<Holder<State>*>(entry)->state;
    const Lock lock(mutex_);
    if (Entry* entry = find(type)) return static_cast<Holder<State>*>(entry)->state;
    auto* made = new Holder<State>(type);
    add(made);
    return made->state;
  }

  // Calls `visit` for what is a Job. Thread-safe, without a lock.
  void for_each_job(FunctionRef<void(Job&)> visit) const;

 private:
  struct Entry {
    explicit Entry(std::type_index held) : type(held) {}
    virtual ~Entry() = default;
    virtual Job* job() { return nullptr; }
    const std::type_index type;
    Entry* next = nullptr;
  };
  template <class State>
  struct Holder : Entry {
    using Entry::Entry;
    Job* job() override {
      if constexpr (std::derived_from<State, Job>) return &state;
      return nullptr;
    }
    State state;
  };

  Entry* find(std::type_index type) const;
  void add(Entry* entry) REQUIRES_LOCK(mutex_);  // takes it

  Mutex mutex_;  // for adding
  // Entries are added in front and never removed: as few as there are services.
  std::atomic<Entry*> first_{nullptr};
};

}  // namespace bodega::base
