// What CLUSTER changes: the sub-commands that edit the table of nodes and slots.
#pragma once

#include "protocol/redis/wire/command.h"

namespace bodega::redis {

void cluster_addslots(Call& call);
void cluster_addslotsrange(Call& call);
void cluster_delslots(Call& call);
void cluster_delslotsrange(Call& call);
void cluster_flushslots(Call& call);
void cluster_setslot(Call& call);
void cluster_failover(Call& call);
void cluster_replicate(Call& call);
void cluster_meet(Call& call);
void cluster_forget(Call& call);
void cluster_reset(Call& call);
void cluster_bumpepoch(Call& call);
void cluster_set_config_epoch(Call& call);
void cluster_saveconfig(Call& call);

}  // namespace bodega::redis
