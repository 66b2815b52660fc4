#include "protocol/redis/instance/rdb_form.h"

#include "protocol/redis/instance/instance.h"

namespace bodega::redis {

RdbForm rdb_form_of(Instance& instance) {
  const Parameters& parameters = instance.parameters();
  RdbForm form;
  if (parameters.text("compatibility") == "7.0") form.version = kRdbVersion70;
  if (parameters.text("rdbcompression") == "no") form.compression = Compression::kNone;
  form.list_max_listpack_size = parameters.number("list-max-listpack-size");
  return form;
}

}  // namespace bodega::redis
