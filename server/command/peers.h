// The command lines and the environment of the servers that Bodega stands in for: LocalStack,
// MinIO, DynamoDB Local, Redis. Each is translated into settings, so that a compose file or a test
// written for one of them works as it is. What cannot be carried out is refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/command/settings.h"

namespace bodega::server {

// Redis's flag with a secret behind it, in a word of its own or not.
inline constexpr std::string_view kRedisPasswordFlag = "--requirepass";

struct PeerCommandLine {
  std::vector<std::string> words;     // in our words
  GivenSettings standards;            // defaults that differ: MinIO listens on port 9000
  std::vector<std::string> warnings;  // of what has no effect
  bool is_minio = false;
};

// "server DIR [--address :9000]" of MinIO, "-jar DynamoDBLocal.jar -sharedDb -port 8000" of
// DynamoDB Local, "redis-server --requirepass PASSWORD"; any other line comes back as it is. Throws
// UsageError.
PeerCommandLine translate_command_line(std::vector<std::string> words);

// What the variables that are there say, by setting. Those whose value means nothing here are left
// out; `warnings` gets a sentence for what is asked for and not here.
GivenSettings read_peer_environment(const Environment& environment,
                                    std::vector<std::string>& warnings);

// "http = 0.0.0.0:4566 (GATEWAY_LISTEN)", without the value of a secret.
std::string taken_sentence(const Setting& setting, const Given& given);

}  // namespace bodega::server
