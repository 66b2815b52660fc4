// In which form this server writes values for others to read: what its parameters say of it.
#pragma once

#include "protocol/redis/rdb/value_writer.h"

namespace bodega::redis {

class Instance;

// Version 10 of the format, which redis-server 7.0 reads, under `compatibility 7.0`; else 11.
RdbForm rdb_form_of(Instance& instance);

}  // namespace bodega::redis
