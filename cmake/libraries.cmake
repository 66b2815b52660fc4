# The libraries of the system that are linked: shared into `bodega` and the tests, static into
# `bodega_static`, the same program as one file. Both are linked of the same objects: which library it is
# depends on the target that is linked, by its property BODEGA_STATIC.

set(bodega_missing_archives "")

# bodega_archives(VARIABLE NAME...): where the static libraries libNAME.a are, in this order.
function(bodega_archives variable)
  set(found "")
  foreach(name ${ARGN})
    find_library(BODEGA_ARCHIVE_${name} NAMES lib${name}.a)
    mark_as_advanced(BODEGA_ARCHIVE_${name})
    if(BODEGA_ARCHIVE_${name})
      list(APPEND found ${BODEGA_ARCHIVE_${name}})
    else()
      set(bodega_missing_archives ${bodega_missing_archives} lib${name}.a PARENT_SCOPE)
    endif()
  endforeach()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

# bodega_library(NAME SHARED ARCHIVE...): links SHARED, a target, or the archives.
function(bodega_library name shared)
  bodega_archives(archives ${ARGN})
  set(bodega_missing_archives ${bodega_missing_archives} PARENT_SCOPE)
  add_library(bodega_${name} INTERFACE)
  set(is_static $<BOOL:$<TARGET_PROPERTY:BODEGA_STATIC>>)
  target_link_libraries(bodega_${name} INTERFACE "$<${is_static}:${archives}>"
                                                 "$<$<NOT:${is_static}>:${shared}>")
endfunction()

bodega_library(zlib ZLIB::ZLIB z)
bodega_library(crypto OpenSSL::Crypto crypto)
bodega_library(tls OpenSSL::SSL ssl crypto)
bodega_library(pugixml pugixml::pugixml pugixml)
bodega_library(yaml yaml yaml)
bodega_library(lua "lua5.1;lua5.1-cjson;lua5.1-bitop" lua5.1-cjson lua5.1-bitop lua5.1)
find_path(BODEGA_LUA_HEADERS lua.hpp PATH_SUFFIXES lua5.1 lua51 REQUIRED)
target_include_directories(bodega_lua SYSTEM INTERFACE ${BODEGA_LUA_HEADERS})
bodega_library(rocksdb RocksDB::rocksdb-shared rocksdb snappy lz4 zstd bz2 gflags z)
bodega_archives(bodega_jemalloc jemalloc_pic)

# Only the log uses spdlog, whose headers are all that it needs: Debian has no archive of it.
set_source_files_properties(engines/base/log.cc PROPERTIES COMPILE_DEFINITIONS
                            "SPDLOG_FMT_EXTERNAL;FMT_HEADER_ONLY")
