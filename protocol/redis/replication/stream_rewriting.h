// As what the commands of streams are told to replicas (rewriting.h): with the
// ids that were given, the trimming that was done, and who has what.
#pragma once

#include <vector>

#include "protocol/redis/replication/answered.h"
#include "protocol/redis/replication/rewriting.h"

namespace bodega::redis {

std::vector<ReplicatedCommand> replicated_xadd(const Call& call, const Answered& answered);
std::vector<ReplicatedCommand> replicated_xtrim(const Call& call, const Answered& answered);
std::vector<ReplicatedCommand> replicated_xreadgroup(const Call& call, const Answered& answered);
std::vector<ReplicatedCommand> replicated_xclaim(const Call& call, const Answered& answered);
std::vector<ReplicatedCommand> replicated_xautoclaim(const Call& call, const Answered& answered);

}  // namespace bodega::redis
