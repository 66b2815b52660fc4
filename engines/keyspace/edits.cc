#include "engines/keyspace/edits.h"

#include <new>

#include "engines/keyspace/engine.h"
#include "engines/keyspace/storage/change_log.h"
#include "engines/keyspace/storage/format.h"
#include "engines/keyspace/structures/database.h"
#include "engines/keyspace/structures/hash.h"
#include "engines/keyspace/structures/list.h"
#include "engines/keyspace/structures/set.h"
#include "engines/keyspace/structures/sorted_set.h"

namespace bodega::keyspace {
namespace {

// From so many elements on a row of a list is removed as a range, which costs the store one record
// but is slower to skip than a few single ones.
constexpr std::size_t kRangeRemoval = 16;

}  // namespace

Edit::Edit(Engine& engine, unsigned db, Entry* entry, Created created)
    : engine_(engine),
      db_(db),
      entry_(entry),
      object_id_(entry->object_id()),
      memory_before_(entry->value_memory()),
      created_(created),
      logging_(engine.options_.log_changes) {}

Edit::~Edit() {
  try {
    close();
  } catch (const std::bad_alloc&) {
    const Engine::KeyName name{db_, entry_->key()};
    engine_.give_up_tick({&name, 1});
  }
}

const Limits& Edit::limits() const { return engine_.limits_; }

Closed Edit::close() {
  if (closed_) return outcome_;
  closed_ = true;
  outcome_ = engine_.finish_edit(*this);
  return outcome_;
}

void Edit::put_element(std::string_view suffix, std::string_view value) {
  engine_.log_->put_element(object_id_, suffix, value);
}

void Edit::remove_element(std::string_view suffix) {
  engine_.log_->remove_element(object_id_, suffix);
}

bool HashEdit::set(std::string_view field, std::string_view value, std::int64_t expiry_ms) {
  touch();
  Hash& hash = *entry_->hash_;
  if (hash.hides(field)) hash.remove(field);
  if (logging_) engine_.log_->put_field(object_id_, field, value, expiry_ms);
  return hash.set(field, value, limits(), expiry_ms);
}

void HashEdit::set_expiry(std::string_view field, std::int64_t expiry_ms) {
  touch();
  Hash& hash = *entry_->hash_;
  if (logging_) engine_.log_->put_field(object_id_, field, *hash.get(field), expiry_ms);
  hash.set_expiry(field, expiry_ms);
}

bool HashEdit::remove(std::string_view field) {
  if (!entry_->hash_->remove(field)) return false;
  touch();
  if (logging_) remove_element(field);
  return true;
}

void ListEdit::push(End end, std::string_view value) {
  touch();
  const std::uint64_t position = entry_->list_->push(end, value, limits());
  if (logging_) put_element(format::position_suffix(position), value);
}

std::string ListEdit::pop(End end) {
  touch();
  std::string value;
  const std::uint64_t position = entry_->list_->pop(end, value, limits());
  if (logging_) remove_element(format::position_suffix(position));
  return value;
}

void ListEdit::insert(std::size_t index, std::string_view value) {
  touch();
  List::Renumbered renumbered;
  const std::uint64_t position = entry_->list_->insert(index, value, limits(), renumbered);
  if (!logging_) return;
  for (const std::uint64_t given_up : renumbered.removed) {
    remove_element(format::position_suffix(given_up));
  }
  for (auto& [where, moved] : renumbered.put) {
    put_element(format::position_suffix(where), moved);
  }
  put_element(format::position_suffix(position), value);
}

void ListEdit::set(std::size_t index, std::string_view value) {
  touch();
  const std::uint64_t position = entry_->list_->set(index, value, limits());
  if (logging_) put_element(format::position_suffix(position), value);
}

void ListEdit::erase(std::size_t index, std::size_t count) {
  if (count == 0) return;
  touch();
  List& list = *entry_->list_;
  // When everything goes, the key goes, and its object with it: nothing to log for the elements.
  if (logging_ && count < list.size()) {
    if (count >= kRangeRemoval) {
      const std::uint64_t last = list.position_of(index + count - 1);
      engine_.log_->remove_elements(object_id_, format::position_suffix(list.position_of(index)),
                                    format::position_suffix(last + 1));
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        remove_element(format::position_suffix(list.position_of(index + i)));
      }
    }
  } else if (logging_) {
    engine_.log_->remove_elements(object_id_, {}, format::position_suffix(~std::uint64_t{0}));
  }
  list.erase(index, count, limits());
}

std::size_t ListEdit::remove_equal(std::string_view value, Order order, std::size_t limit) {
  const auto positions = entry_->list_->remove_equal(value, order, limit, limits());
  if (positions.empty()) return 0;
  touch();
  if (logging_) {
    for (const std::uint64_t position : positions) {
      remove_element(format::position_suffix(position));
    }
  }
  return positions.size();
}

bool SetEdit::add(std::string_view member) {
  if (!entry_->set_->add(member, limits())) return false;
  touch();
  if (logging_) put_element(member, {});
  return true;
}

bool SetEdit::remove(std::string_view member) {
  if (!entry_->set_->remove(member)) return false;
  touch();
  if (logging_) remove_element(member);
  return true;
}

bool SortedSetEdit::set(std::string_view member, double score) {
  const SortedSet::Added added = entry_->sorted_set_->set(member, score, limits());
  if (added == SortedSet::Added::kSame) return false;
  touch();
  if (logging_) put_element(member, format::encode_score(score));
  return added == SortedSet::Added::kNew;
}

bool SortedSetEdit::remove(std::string_view member) {
  if (!entry_->sorted_set_->remove(member)) return false;
  touch();
  if (logging_) remove_element(member);
  return true;
}

void SortedSetEdit::erase_ranks(std::size_t first, std::size_t count) {
  if (count == 0) return;
  touch();
  SortedSet& set = *entry_->sorted_set_;
  if (logging_) {
    set.for_range(first, count, Order::kForward, [&](std::string_view member, double) {
      remove_element(member);
      return true;
    });
  }
  set.erase_ranks(first, count);
}

}  // namespace bodega::keyspace
