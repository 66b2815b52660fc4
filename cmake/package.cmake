# What is installed, the program as one static file (`bodega_static`), and the .deb that CPack makes of it.
#   cmake --install build/release                the program of this build, manual page, completions, unit
#   cmake --install … --component static         the static program instead of `program`
# script/package makes everything that is published.
include(GNUInstallDirs)

if(bodega_missing_archives)
  message(STATUS "No target bodega_static, for lack of ${bodega_missing_archives}")
elseif(NOT BODEGA_SANITIZE)
  # -static-pie rather than -static: the program is still loaded at a random address. Packed relocations
  # make the file 1 MB smaller, which is memory as well, since all are read at the start.
  # The C library warns that getaddrinfo and dlopen need the shared one of the same version: Asio's resolver
  # and OpenSSL's modules refer to them, and Bodega calls neither (addresses are numbers, ciphers are built in).
  add_executable(bodega_static EXCLUDE_FROM_ALL server/main.cc)
  set_target_properties(bodega_static PROPERTIES BODEGA_STATIC ON
                        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/static OUTPUT_NAME bodega)
  target_link_libraries(bodega_static PRIVATE bodega_server ${bodega_jemalloc})
  target_link_options(bodega_static PRIVATE -static-pie -Wl,-z,pack-relative-relocs -Wl,--gc-sections)
  install(TARGETS bodega_static RUNTIME COMPONENT static EXCLUDE_FROM_ALL)
endif()

install(TARGETS bodega RUNTIME COMPONENT program)

# The manual page and the completions are what the program prints of its own tables; the unit names the
# program by its whole path.
set(BODEGA_PRINTER $<TARGET_FILE:bodega> CACHE STRING "A bodega that runs here, which prints its manual page")
set(bodega_printed ${PROJECT_BINARY_DIR}/printed)
install(CODE "
  function(print file)
    execute_process(COMMAND \"${BODEGA_PRINTER}\" \${ARGN} OUTPUT_FILE ${bodega_printed}/\${file}
                    COMMAND_ERROR_IS_FATAL ANY)
  endfunction()
  file(MAKE_DIRECTORY ${bodega_printed})
  print(bodega.1 manual)
  print(bodega completion bash)
  print(_bodega completion zsh)
  print(bodega.fish completion fish)
  configure_file(${PROJECT_SOURCE_DIR}/packaging/bodega.service.in ${bodega_printed}/bodega.service @ONLY)
" COMPONENT files)
install(FILES ${bodega_printed}/bodega.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT files)
install(FILES ${bodega_printed}/bodega COMPONENT files
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
# Debian's zsh looks elsewhere below /usr than below /usr/local.
install(FILES ${bodega_printed}/_bodega COMPONENT zsh
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${bodega_printed}/_bodega COMPONENT zsh_of_debian EXCLUDE_FROM_ALL
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${bodega_printed}/bodega.fish COMPONENT files
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${bodega_printed}/bodega.service DESTINATION lib/systemd/system COMPONENT files)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT files)
install(FILES NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT files)

# What is compiled into the static program is published with it, so the texts of its licences go along
# (but Boost's, which asks for that with sources only).
foreach(package libc6-dev gcc-12-base libjemalloc-dev librocksdb-dev libsnappy-dev liblz4-dev libzstd-dev
                libbz2-dev libgflags-dev zlib1g-dev libssl-dev liblua5.1-0-dev lua-cjson-dev lua-bitop-dev
                libpugixml-dev libyaml-dev libspdlog-dev
                libfmt-dev libcli11-dev nlohmann-json3-dev)
  install(FILES /usr/share/doc/${package}/copyright RENAME ${package} COMPONENT static EXCLUDE_FROM_ALL
          DESTINATION ${CMAKE_INSTALL_DOCDIR}/licenses OPTIONAL)
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};bodega;static;/;${PROJECT_BINARY_DIR};bodega;files;/"
    ";${PROJECT_BINARY_DIR};bodega;zsh_of_debian;/")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT "The Bodega contributors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "S3, DynamoDB, KMS, STS and Redis on one machine, in one program")
set(CPACK_PACKAGE_DESCRIPTION
    "One small server that answers as S3, DynamoDB, KMS, STS and Redis do and keeps\neverything in one folder.")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/packaging/debian/postinst
    ${PROJECT_SOURCE_DIR}/packaging/debian/prerm ${PROJECT_SOURCE_DIR}/packaging/debian/postrm)
include(CPack)
