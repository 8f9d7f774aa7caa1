# SPDX-License-Identifier: Apache-2.0
# llhttp, as the target Llhttp::llhttp.
#
# Newer systems have libllhttp-dev: its library and header are taken. Debian 12 ships the C sources (package node-llhttp,
# 8.1.0): they are compiled here, in strict mode, which later versions always are; it changes the header's layout as well,
# so the definition is public. Only versions that all tests of HTTP have passed with are taken: they must give the same
# verdict of every message.
set(Llhttp_OLDEST 8.1.0)
set(Llhttp_NEWEST 9.2.1)
find_library(Llhttp_LIBRARY NAMES llhttp)
find_path(Llhttp_SOURCE_DIR llhttp.c PATHS /usr/share/llhttp NO_DEFAULT_PATH)
find_path(Llhttp_INCLUDE_DIR llhttp.h PATHS /usr/include /usr/share/include/llhttp PATH_SUFFIXES llhttp)

if(Llhttp_INCLUDE_DIR)
  file(STRINGS ${Llhttp_INCLUDE_DIR}/llhttp.h lines REGEX "^#define LLHTTP_VERSION_(MAJOR|MINOR|PATCH) +[0-9]+")
  string(REGEX REPLACE "[^0-9;]" "" Llhttp_VERSION "${lines}")
  string(REPLACE ";" "." Llhttp_VERSION "${Llhttp_VERSION}")
  if(Llhttp_VERSION VERSION_LESS Llhttp_OLDEST OR Llhttp_VERSION VERSION_GREATER Llhttp_NEWEST)
    message(FATAL_ERROR "llhttp ${Llhttp_VERSION} in ${Llhttp_INCLUDE_DIR}: expected ${Llhttp_OLDEST} to ${Llhttp_NEWEST}, with which HTTP is tested")
  endif()
endif()

include(FindPackageHandleStandardArgs)
if(Llhttp_LIBRARY)
  set(kind Llhttp_LIBRARY)
else()
  set(kind Llhttp_SOURCE_DIR)
endif()
find_package_handle_standard_args(Llhttp REQUIRED_VARS ${kind} Llhttp_INCLUDE_DIR VERSION_VAR Llhttp_VERSION
  REASON_FAILURE_MESSAGE "install node-llhttp (Debian 12) or libllhttp-dev")

if(Llhttp_FOUND AND NOT TARGET Llhttp::llhttp)
  if(Llhttp_LIBRARY)
    add_library(llhttp UNKNOWN IMPORTED)
    set_target_properties(llhttp PROPERTIES IMPORTED_LOCATION ${Llhttp_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${Llhttp_INCLUDE_DIR})
  else()
    add_library(llhttp STATIC ${Llhttp_SOURCE_DIR}/llhttp.c ${Llhttp_SOURCE_DIR}/api.c ${Llhttp_SOURCE_DIR}/http.c)
    target_include_directories(llhttp SYSTEM PUBLIC ${Llhttp_INCLUDE_DIR})
    target_compile_options(llhttp PRIVATE -w)
    target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
    set_target_properties(llhttp PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  add_library(Llhttp::llhttp ALIAS llhttp)
endif()
