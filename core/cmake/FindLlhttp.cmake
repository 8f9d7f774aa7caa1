# SPDX-License-Identifier: Apache-2.0
# llhttp, as the target Llhttp::llhttp, built in strict mode.
#
# Debian 12 ships its C sources (package node-llhttp, 8.1.0): they are compiled here. Newer systems have libllhttp-dev: its
# library and header are taken. Strict mode changes the header's layout as well, so the definition is public.
find_path(Llhttp_SOURCE_DIR llhttp.c PATHS /usr/share/llhttp NO_DEFAULT_PATH)
find_path(Llhttp_INCLUDE_DIR llhttp.h PATHS /usr/share/include/llhttp /usr/include PATH_SUFFIXES llhttp)
find_library(Llhttp_LIBRARY NAMES llhttp)

include(FindPackageHandleStandardArgs)
if(Llhttp_SOURCE_DIR)
  find_package_handle_standard_args(Llhttp REQUIRED_VARS Llhttp_SOURCE_DIR Llhttp_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "install node-llhttp (Debian 12) or libllhttp-dev")
else()
  find_package_handle_standard_args(Llhttp REQUIRED_VARS Llhttp_LIBRARY Llhttp_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "install node-llhttp (Debian 12) or libllhttp-dev")
endif()

if(Llhttp_FOUND AND NOT TARGET Llhttp::llhttp)
  if(Llhttp_SOURCE_DIR)
    add_library(llhttp STATIC ${Llhttp_SOURCE_DIR}/llhttp.c ${Llhttp_SOURCE_DIR}/api.c ${Llhttp_SOURCE_DIR}/http.c)
    target_include_directories(llhttp SYSTEM PUBLIC ${Llhttp_INCLUDE_DIR})
    target_compile_options(llhttp PRIVATE -w)
    set_target_properties(llhttp PROPERTIES POSITION_INDEPENDENT_CODE ON)
  else()
    add_library(llhttp UNKNOWN IMPORTED)
    set_target_properties(llhttp PROPERTIES IMPORTED_LOCATION ${Llhttp_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${Llhttp_INCLUDE_DIR})
  endif()
  if(Llhttp_SOURCE_DIR)
    target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
  endif()
  add_library(Llhttp::llhttp ALIAS llhttp)
endif()
