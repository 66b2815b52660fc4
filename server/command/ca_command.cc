#include "server/command/ca_command.h"

#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <string>

#include "server/command/config.h"
#include "server/tls/authority.h"

namespace bodega::server {

int ca_command(Arguments arguments) {
  const Config config = read_config(arguments, process_environment());
  if (!config.tls || !config.tls_certificate.empty()) {
    std::fprintf(
        stderr, "bodega: there is no certificate authority: %s\n",
        config.tls ? "--tls-cert is given, so clients must trust who signed that" : "--tls is off");
    return 1;
  }
  if (config.data.empty()) {
    throw UsageError(
        "bodega ca needs --data DIR; a server without a data folder has an authority for its run "
        "only, which GET /_bodega/ca.pem answers");
  }
  umask(umask(0) | S_IRWXG | S_IRWXO);  // as the server makes its folder
  std::filesystem::create_directories(config.data);
  const KeyedCertificate authority = load_or_make_authority(authority_file(config.data));
  std::fputs(to_pem(*authority.certificate).c_str(), stdout);
  return 0;
}

}  // namespace bodega::server
