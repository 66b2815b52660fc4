// ServiceState: what services keep in memory for one world, one object per type. A service asks for
// its own type and gets the world's instance, so that two worlds share no token and no cache of
// answers, and a world that goes away takes it along.
#pragma once

#include <atomic>
#include <mutex>
#include <typeindex>
#include <typeinfo>

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
    const std::lock_guard lock(mutex_);
    if (Entry* entry = find(type)) return static_cast<Holder<State>*>(entry)->state;
    auto* made = new Holder<State>(type);
    add(made);
    return made->state;
  }

 private:
  struct Entry {
    explicit Entry(std::type_index held) : type(held) {}
    virtual ~Entry() = default;
    const std::type_index type;
    Entry* next = nullptr;
  };
  template <class State>
  struct Holder : Entry {
    using Entry::Entry;
    State state;
  };

  Entry* find(std::type_index type) const;
  void add(Entry* entry);  // takes it

  std::mutex mutex_;  // for adding
  // Entries are added in front and never removed: as few as there are services.
  std::atomic<Entry*> first_{nullptr};
};

}  // namespace bodega::base
