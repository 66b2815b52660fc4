// The scratch folder of a process without --data.
#pragma once

#include <filesystem>

namespace bodega::server {

// Makes a fresh folder under TMPDIR (else /tmp), after removing those that killed processes left
// there. Throws StartError.
std::filesystem::path make_scratch_folder();

}  // namespace bodega::server
