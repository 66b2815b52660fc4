// The order of the work, so that positions in lists mean what they meant before the update:
//   1. compute every right-hand side from the previous item,
//   2. replace and insert, except list elements behind the end, which wait,
//   3. append those, in the order of their indices,
//   4. remove; list elements last to first, and only those that the previous item had.
#include "protocol/dynamodb/expression/update.h"

#include <algorithm>
#include <optional>

#include "protocol/dynamodb/expression/condition.h"
#include "protocol/dynamodb/wire/attribute_value.h"
#include "protocol/dynamodb/wire/error.h"

namespace bodega::dynamodb {

namespace {

using table::Type;
using table::Value;

[[noreturn]] void bad_path() {
  throw validation("The document path provided in the update expression is invalid for update");
}
[[noreturn]] void bad_operand() {
  throw validation("An operand in the update expression has an incorrect data type");
}

// A result of more than 38 digits is refused as an overflow, as the service words it.
Value stored(const base::Result<table::Number, table::NumberFault>& result) {
  using table::NumberFault;
  if (!result) {
    const bool long_one = result.error() == NumberFault::kTooManyDigits;
    throw validation(number_fault(long_one ? NumberFault::kOverflow : result.error(), {}));
  }
  return Value::of_number(*result);
}

// What a path leads to while the new item is made.
Value* find(table::Item& item, const ResolvedPath& path, std::size_t steps) {
  Value* value = item.find(path[0].name);
  for (std::size_t i = 1; i < steps && value != nullptr; ++i) {
    if (path[i].is_index) {
      if (!value->is(Type::kList) || path[i].index >= value->as_list().size()) return nullptr;
      value = &value->as_list()[path[i].index];
    } else {
      if (!value->is(Type::kMap)) return nullptr;
      value = value->as_map().find(path[i].name);
    }
  }
  return value;
}

class Applier {
 public:
  Applier(const Update& update, const Bindings& bindings, const table::Item* previous,
          const table::Item& key)
      : update_(update),
        bindings_(bindings),
        before_(previous),
        exists_(previous != nullptr),
        item_(previous != nullptr ? *previous : key) {}

  table::Item run() {
    std::vector<Value> right;
    for (const UpdateAction& action : update_.actions) {
      right.push_back(action.kind == UpdateAction::Kind::kRemove ? Value() : value(action.operand));
    }
    for (std::size_t i = 0; i < update_.actions.size(); ++i) {
      const UpdateAction& action = update_.actions[i];
      ResolvedPath path = resolve(action.path, bindings_);
      switch (action.kind) {
        case UpdateAction::Kind::kSet: set(std::move(path), std::move(right[i])); break;
        case UpdateAction::Kind::kAdd: add(std::move(path), action, std::move(right[i])); break;
        case UpdateAction::Kind::kDelete: take_out(std::move(path), action, right[i]); break;
        case UpdateAction::Kind::kRemove: remove(std::move(path), action); break;
      }
    }
    append_waiting();
    remove_waiting();
    return std::move(item_);
  }

 private:
  struct Waiting {
    ResolvedPath path;
    Value value;
  };

  const Value* before(const Path& path) const { return before_.at(path, bindings_); }

  // Functions nest as deep as the expression is long at most; the parser allows if_not_exists
  // inside itself, so depth is bounded by 4096 / 16.
  Value value(std::uint32_t index) const {
    const Node& node = update_.nodes[index];
    switch (node.kind) {
      case NodeKind::kValueRef: return *bindings_.values[node.value];
      case NodeKind::kLiteral: return update_.literals[node.value];
      case NodeKind::kPath: {
        const Value* found = before(node.path);
        if (found == nullptr) {
          throw validation(
              "The provided expression refers to an attribute that does not exist in the item");
        }
        return *found;
      }
      case NodeKind::kPlus: return add_numbers(value(node.args[0]), value(node.args[1]));
      case NodeKind::kMinus: return subtract_numbers(value(node.args[0]), value(node.args[1]));
      default: break;
    }
    if (node.function == Function::kIfNotExists) {
      const Value* found = before(update_.nodes[node.args[0]].path);
      return found != nullptr ? *found : value(node.args[1]);
    }
    Value first = value(node.args[0]);
    const Value second = value(node.args[1]);
    if (!first.is(Type::kList) || !second.is(Type::kList)) bad_operand();
    first.as_list().insert(first.as_list().end(), second.as_list().begin(), second.as_list().end());
    return first;
  }

  void set(ResolvedPath path, Value value) {
    const ResolvedStep& last = path.back();
    if (path.size() == 1) {
      item_.set(last.name, std::move(value));
      return;
    }
    Value* parent = find(item_, path, path.size() - 1);
    if (parent == nullptr || !parent->is(last.is_index ? Type::kList : Type::kMap)) bad_path();
    if (!last.is_index) {
      parent->as_map().set(last.name, std::move(value));
    } else if (last.index < parent->as_list().size()) {
      parent->as_list()[last.index] = std::move(value);
    } else {
      appends_.push_back({std::move(path), std::move(value)});
    }
  }

  void add(ResolvedPath path, const UpdateAction& action, Value value) {
    const Value* old = before(action.path);
    if (old == nullptr) {
      set(std::move(path), std::move(value));
      return;
    }
    if (old->type() != value.type()) bad_operand();
    Value sum = value.is(Type::kNumber) ? add_numbers(*old, value) : *old;
    if (value.is_set()) sum.add_elements(value);
    set(std::move(path), std::move(sum));
  }

  void take_out(ResolvedPath path, const UpdateAction& action, const Value& elements) {
    const Value* old = before(action.path);
    if (old == nullptr) {
      check_parent(path);
      return;
    }
    if (old->type() != elements.type()) bad_operand();
    Value rest = *old;
    rest.remove_elements(elements);
    if (rest.element_count() == 0) {
      removals_.push_back(std::move(path));
    } else {
      set(std::move(path), std::move(rest));
    }
  }

  void remove(ResolvedPath path, const UpdateAction& action) {
    check_parent(path);
    if (before(action.path) != nullptr) removals_.push_back(std::move(path));
  }

  // What is to be removed may be absent, but not what it would stand in; unless there is no item.
  void check_parent(const ResolvedPath& path) {
    if (path.size() == 1 || !exists_) return;
    const Value* parent = find(item_, path, path.size() - 1);
    if (parent == nullptr || !parent->is(path.back().is_index ? Type::kList : Type::kMap)) {
      bad_path();
    }
  }

  void append_waiting() {
    std::stable_sort(appends_.begin(), appends_.end(), [](const Waiting& a, const Waiting& b) {
      return a.path.back().index < b.path.back().index;
    });
    for (Waiting& waiting : appends_) {
      Value* parent = find(item_, waiting.path, waiting.path.size() - 1);
      if (parent == nullptr || !parent->is(Type::kList)) bad_path();
      parent->as_list().push_back(std::move(waiting.value));
    }
  }

  void remove_waiting() {
    // Deeper places first, then later ones, so that no removal moves another one's place.
    std::stable_sort(removals_.begin(), removals_.end(),
                     [](const ResolvedPath& a, const ResolvedPath& b) {
                       if (a.size() != b.size()) return a.size() > b.size();
                       return a.back().index > b.back().index;
                     });
    for (const ResolvedPath& path : removals_) {
      const ResolvedStep& last = path.back();
      if (path.size() == 1) {
        item_.erase(last.name);
        continue;
      }
      Value* parent = find(item_, path, path.size() - 1);
      if (parent == nullptr) continue;
      if (!last.is_index) {
        if (parent->is(Type::kMap)) parent->as_map().erase(last.name);
      } else if (parent->is(Type::kList) && last.index < parent->as_list().size()) {
        parent->as_list().erase(parent->as_list().begin() + last.index);
      }
    }
  }

  const Update& update_;
  const Bindings& bindings_;
  const ItemAttributes before_;
  const bool exists_;
  table::Item item_;
  std::vector<Waiting> appends_;
  std::vector<ResolvedPath> removals_;
};

}  // namespace

table::Item apply(const Update& update, const Bindings& bindings, const table::Item* previous,
                  const table::Item& key) {
  return Applier(update, bindings, previous, key).run();
}

bool only_removes(const Update& update) {
  return std::all_of(update.actions.begin(), update.actions.end(), [](const UpdateAction& action) {
    return action.kind == UpdateAction::Kind::kRemove || action.kind == UpdateAction::Kind::kDelete;
  });
}

std::vector<ResolvedPath> touched_paths(const Update& update, const Bindings& bindings) {
  std::vector<ResolvedPath> paths;
  for (const UpdateAction& action : update.actions) {
    paths.push_back(resolve(action.path, bindings));
  }
  return paths;
}

Value add_numbers(const Value& a, const Value& b) {
  if (!a.is(Type::kNumber) || !b.is(Type::kNumber)) bad_operand();
  return stored(table::add(a.as_number(), b.as_number()));
}

Value subtract_numbers(const Value& a, const Value& b) {
  if (!a.is(Type::kNumber) || !b.is(Type::kNumber)) bad_operand();
  return stored(table::subtract(a.as_number(), b.as_number()));
}

}  // namespace bodega::dynamodb
