// The bytes of the journal's keys and records, both directions, all in the family kJournal.
//
//   01 source:8             -> source record
//   02 source:8 sequence:8  -> event record
//   03 source:8             -> sequence:8; events of the source before it were given up
//   04 source:8 name        -> sequence:8; what that subscriber has acknowledged is before it
//   05                      -> sequence:8; the numbers before it were given (written when rows go)
//
//   source record  format:1 = 1 | kind:1 | closed:1 | account region name incarnation
//                  | count { name images:1 keep_us release:1 since:8 until:8 }
//   event record   format:1 = 1 | origin:1 | time_us:8 | caller | body, to the end
//
// Integers without a width are varints, texts are varint-length-prefixed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engines/journal/model.h"

namespace bodega::journal::format {

// ---- Keys ----

inline constexpr std::string_view kSourceSpace{"\x01", 1};
inline constexpr std::string_view kNumbersKey{"\x05", 1};

std::string source_key(SourceId source);
std::string event_key(SourceId source, Sequence sequence);
// The start of all events of a source, and of all that subscribers acknowledged of it.
std::string events_prefix(SourceId source);
std::string acknowledged_prefix(SourceId source);
std::string trimmed_key(SourceId source);
std::string acknowledged_key(SourceId source, std::string_view name);

SourceId source_of(std::string_view source_key);
Sequence sequence_of(std::string_view event_key);

// ---- Records. Corrupt ones throw StorageFault. ----

std::string encode(const Source& source);  // without its id
Source decode_source(SourceId id, std::string_view value);

// Appends to `out`.
void encode(std::string& out, const NewEvent& event, std::int64_t time_us);
Event decode_event(SourceId source, Sequence sequence, std::string_view value);
std::int64_t event_time_us(std::string_view value);

std::string encode_sequence(Sequence sequence);
Sequence decode_sequence(std::string_view value);

// Throws StorageFault when key or record cannot be understood.
void check_record(std::string_view key, std::string_view value);

}  // namespace bodega::journal::format
