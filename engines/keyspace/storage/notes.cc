#include "engines/keyspace/storage/notes.h"

#include <utility>

#include "engines/keyspace/storage/format.h"

namespace bodega::keyspace {

const std::string& Notes::text(std::string_view name) const {
  static const std::string kNone;
  const auto found = texts_.find(name);
  return found == texts_.end() ? kNone : found->second;
}

void Notes::set(std::string_view name, std::string text) {
  texts_[std::string(name)] = std::move(text);
  changed_ = true;
}

void Notes::put_all(kv::Batch& batch) const {
  for (const auto& [name, text] : texts_) {
    batch.put(kv::Family::kKeys, format::note_key(name), text);
  }
}

void Notes::read(std::string_view key, std::string_view value) {
  if (const auto name = format::decode_note_key(key)) {
    texts_.emplace(std::string(*name), std::string(value));
  }
}

}  // namespace bodega::keyspace
