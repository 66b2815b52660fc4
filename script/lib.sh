# shellcheck shell=bash
# Shared by the scripts of this folder: where things are, and how a build is made. Sourced, not run.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

# The preset of what is tested and published: CI's makes warnings errors, the code is the same.
default_preset() { echo "${BODEGA_PRESET:-$([ "${CI:-}" ] && echo ci || echo release)}"; }

jobs() { nproc 2>/dev/null || echo 2; }

# build PRESET [target…]: configures once and builds, quietly unless something is wrong.
build() {
  local preset=$1
  shift
  cmake --preset "$preset" -DBODEGA_TESTS=ON >"build.$preset.log" 2>&1 || { cat "build.$preset.log"; return 1; }
  rm -f "build.$preset.log"
  cmake --build --preset "$preset" --parallel "$(jobs)" ${1:+--target "$@"}
}
