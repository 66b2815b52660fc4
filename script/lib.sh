# shellcheck shell=bash
# Shared by the scripts of this folder: where things are, and how a build is made. Sourced, not run.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

jobs() { nproc 2>/dev/null || echo 2; }

# build PRESET [target…]: configures once and builds, quietly unless something is wrong.
build() {
  local preset=$1
  shift
  cmake --preset "$preset" >"build.$preset.log" 2>&1 || { cat "build.$preset.log"; return 1; }
  rm -f "build.$preset.log"
  cmake --build --preset "$preset" --parallel "$(jobs)" ${1:+--target "$@"}
}
