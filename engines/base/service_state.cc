#include "engines/base/service_state.h"

namespace bodega::base {

ServiceState::~ServiceState() {
  Entry* entry = first_.load(std::memory_order_relaxed);
  while (entry != nullptr) {
    Entry* next = entry->next;
    delete entry;
    entry = next;
  }
}

ServiceState::Entry* ServiceState::find(std::type_index type) const {
  Entry* entry = first_.load(std::memory_order_acquire);
  while (entry != nullptr && entry->type != type) entry = entry->next;
  return entry;
}

void ServiceState::for_each_job(FunctionRef<void(Job&)> visit) const {
  for (Entry* entry = first_.load(std::memory_order_acquire); entry != nullptr;
       entry = entry->next) {
    if (Job* job = entry->job()) visit(*job);
  }
}

void ServiceState::add(Entry* entry) {
  entry->next = first_.load(std::memory_order_relaxed);
  first_.store(entry, std::memory_order_release);
}

}  // namespace bodega::base
