// Reading stored bytes against what their records say: that the blobs are there, their sizes,
// the MD5 where the etag is one, and the checksums. Engine::verify() does it for everything there
// is; find_damage() for one version at hand.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engines/object/content.h"
#include "engines/object/model.h"

namespace bodega::object {

// What is wrong, and of what.
struct Damage {
  std::string bucket;
  std::string key;
  std::string version_id;  // of an object; empty: a part of an upload
  int part_number = 0;     // of an upload that is not completed; 0: an object
  std::string what;        // in a few words for a person
};

struct VerifyRequest {
  std::function<void(Damage&&)> damaged;
  // Asked often; no ends the work. It may be the caller's way to show how far it is.
  std::function<bool()> go_on;
  // Calls its argument for every blob that other engines over the same blobs name. None: no other
  // engine does.
  std::function<void(const std::function<void(blob::BlobId)>&)> named_elsewhere = {};
};

struct Verified {
  std::uint64_t objects = 0;        // versions that have content
  std::uint64_t parts = 0;          // of uploads that are not completed
  std::uint64_t size_bytes = 0;     // of both
  std::uint64_t unnamed_blobs = 0;  // of earlier runs, which the next start removes
};

// What is wrong with the bytes of a version, in a few words, or nothing; nothing also when go_on()
// said no. Reads all of them.
std::optional<std::string> find_damage(const ObjectVersion& version, const Content& content,
                                       const std::function<bool()>& go_on);

}  // namespace bodega::object
