# Writes commit.h beside the build, in every build, and touches it only when it says something else: the
# one source that includes it (server/command/version.cc) is compiled again then, and no other.
set(BODEGA_COMMIT "" CACHE STRING "The commit that is built, where neither git nor an export of it says")

set(bodega_generated ${PROJECT_BINARY_DIR}/generated)
set(write_commit ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DGIVEN=${BODEGA_COMMIT}
    -DOUT=${bodega_generated}/bodega_commit.h -P ${CMAKE_CURRENT_LIST_DIR}/write_commit.cmake)
execute_process(COMMAND ${write_commit})  # for tools that read the sources without a build
add_custom_target(bodega_commit COMMAND ${write_commit} BYPRODUCTS ${bodega_generated}/bodega_commit.h
                  COMMENT "Asking git for the commit")
add_dependencies(bodega_server bodega_commit)
set_source_files_properties(server/command/version.cc PROPERTIES
    INCLUDE_DIRECTORIES ${bodega_generated}
    OBJECT_DEPENDS ${bodega_generated}/bodega_commit.h
    COMPILE_DEFINITIONS BODEGA_BUILD_TYPE="${CMAKE_BUILD_TYPE}")
