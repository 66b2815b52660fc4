// ScriptHost: what the instance knows of its scripts. It owns them and shows their figures; what
// they are is the business of the room scripts/ (scripts.cc).
#pragma once

#include <cstddef>

namespace bodega::redis {

// For INFO.
struct ScriptFigures {
  std::size_t script_interpreter_bytes = 0;    // of the interpreter that runs EVAL's scripts
  std::size_t function_interpreter_bytes = 0;  // of the one that runs functions
  std::size_t cached_bytes = 0;                // of the texts that are kept
  std::size_t cached_scripts = 0;
  std::size_t library_bytes = 0;  // … and of those of libraries
  std::size_t libraries = 0;
  std::size_t functions = 0;
  std::size_t evicted_scripts = 0;
};

class ScriptHost {
 public:
  virtual ~ScriptHost() = default;
  virtual ScriptFigures figures() const = 0;
  // The engine has been read back: its libraries may be others than before.
  virtual void libraries_changed() = 0;
};

}  // namespace bodega::redis
