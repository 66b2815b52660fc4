// Parsed expressions by their text. Programs send the same few expressions with ever new values,
// and parsing is most of what a small request costs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engines/base/mutex.h"
#include "protocol/dynamodb/expression/expression.h"

namespace bodega::dynamodb {

// A cache that is full forgets everything: refilling it costs less than keeping track of use.
inline constexpr std::size_t kMaxCachedExpressions = 1024;

// Thread-safe.
class ExpressionCache {
 public:
  // Each throws ExpressionFault, which is not kept.
  std::shared_ptr<const Condition> condition(std::string_view text) {
    return conditions_.get(text, parse_condition);
  }
  std::shared_ptr<const Update> update(std::string_view text) {
    return updates_.get(text, parse_update);
  }
  std::shared_ptr<const Projection> projection(std::string_view text) {
    return projections_.get(text, parse_projection);
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  template <class Tree>
  class Shelf {
   public:
    std::shared_ptr<const Tree> get(std::string_view text, Tree (*parse)(std::string_view)) {
      {
        const base::Lock lock(mutex_);
        const auto found = trees_.find(text);
        if (found != trees_.end()) return found->second;
      }
      auto tree = std::make_shared<const Tree>(parse(text));
      const base::Lock lock(mutex_);
      if (trees_.size() >= kMaxCachedExpressions) trees_.clear();
      trees_.emplace(std::string(text), tree);
      return tree;
    }

   private:
    base::Mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<const Tree>, Hash, std::equal_to<>> trees_
        GUARDED_BY(mutex_);
  };

  Shelf<Condition> conditions_;
  Shelf<Update> updates_;
  Shelf<Projection> projections_;
};

}  // namespace bodega::dynamodb
