// What is done about the write-ahead logs before a database is opened: torn tails that no client
// was promised are cut off, and damage is refused in one line, or set aside on request.
//
// What a log of which `acknowledged` bytes are marked may look like:
//   whole records up to there, whatever follows   a torn tail at most: cut off
//   a record that is good as far as it goes,      it was being written when the process ended: cut
//   ends with the file and reaches past the mark    off (marks count what was appended)
//   anything else                                 damage; but when the machine went down since
//                                                   (another boot) and logs were not synced, the
//                                                   end of a log may be missing: cut off, and said
// A log without a mark (of an earlier version, a checkpoint) may end in a torn tail; good records
// behind it are damage.
#pragma once

#include <cstdint>

#include "engines/kv/aside.h"
#include "engines/kv/rocks_log_marks.h"
#include "engines/kv/store.h"

namespace bodega::kv {

// How an opening meets the logs.
enum class LogCheck : std::uint8_t {
  kStart,     // of a process: what is whole is kept, acknowledged or not
  kRecovery,  // in place: what was not acknowledged is cut off, so that it is known not to be there
};

// Checks the logs of marks.directory(), cuts off what has to go and corrects the marks; says each
// loss in the log. Throws StorageFault, in one line that names the file and what can be done, on
// damage (unless it may be set aside) and on I/O errors.
Loss check_logs(LogMarks& marks, Aside& aside, Damage damage, LogCheck check);

}  // namespace bodega::kv
