// The file in which the certificate authority of a server is kept, key and certificate in one, so
// that clients that trust it go on to do so after a restart. It is made when it is first asked for.
#pragma once

#include <filesystem>
#include <optional>

#include "server/tls/certificate.h"

namespace bodega::server {

// "ca.key", in the data folder.
std::filesystem::path authority_file(const std::filesystem::path& folder);

// Returns nothing when there is no file. Throws StorageFault, with the file's name and what to do,
// when it cannot be read, is damaged or has expired.
std::optional<KeyedCertificate> load_authority(const std::filesystem::path& file);

// What the file has, or a new one, which is on the disk and readable by its owner alone when this
// returns. When several processes make one, all return the same. Throws as load_authority().
KeyedCertificate load_or_make_authority(const std::filesystem::path& file);

}  // namespace bodega::server
