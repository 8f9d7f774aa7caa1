# SPDX-License-Identifier: Apache-2.0
# gatewright_plugin(NAME [SOURCES file...] [LIBRARIES target...] [NO_INSTALL])
#
# A plugin of the current folder as NAME.so: hidden visibility, one exported symbol, all symbols
# resolved when it is linked and when it is loaded. Without SOURCES: every *.c and *.cpp here.
# Schemas are embedded: schema.json as the constant `gw_schema`, X.schema.json as `gw_schema_X`, all
# in the generated header "NAME_schema.h". Tests come with it, where there is a gateway (the target
# gatewright, or GATEWRIGHT_PROGRAM): plugin.NAME.load, plugin.NAME.lint (with schema.json and
# README.md, if they are here) and plugin.NAME.cases of cases.yaml; else plugin.NAME.symbols.
include(GNUInstallDirs)

function(gatewright_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "" "SOURCES;LIBRARIES")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "gatewright_plugin(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT name MATCHES "^[a-z][a-z0-9-]*$")
    message(FATAL_ERROR "gatewright_plugin(${name}): a plugin's name is kebab-case, as in the configuration")
  endif()
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS *.c *.cpp)
  endif()

  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE gatewright::sdk ${arg_LIBRARIES})
  gatewright_embed_schemas_(${name})
  get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
  if(CXX IN_LIST languages)
    target_compile_features(${name} PRIVATE cxx_std_17)
  endif()
  set_target_properties(${name} PROPERTIES
    PREFIX "" SUFFIX .so OUTPUT_NAME ${name}
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON
    LINK_DEPENDS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/module.map)
  if(GATEWRIGHT_PLUGIN_OUTPUT_DIRECTORY)
    set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${GATEWRIGHT_PLUGIN_OUTPUT_DIRECTORY})
  endif()
  target_link_options(${name} PRIVATE
    "LINKER:--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/module.map" "LINKER:-z,now")
  # A sanitizer's runtime is in the program, not in what it loads.
  if(NOT GATEWRIGHT_SANITIZE AND NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize")
    target_link_options(${name} PRIVATE "LINKER:-z,defs")
  endif()

  if(NOT arg_NO_INSTALL)
    install(TARGETS ${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/gatewright/plugins)
  endif()
  gatewright_test_plugin_(${name} $<TARGET_FILE:${name}>)
endfunction()

# gatewright_rust_plugin(NAME SOURCE)
#
# A plugin in Rust as NAME.so, by rustc alone: the crate `gatewright` of the SDK is compiled with it.
# Its tests are those of gatewright_plugin(). Without a rustc nothing is built, which is said.
function(gatewright_rust_plugin name source)
  find_program(GATEWRIGHT_RUSTC rustc HINTS $ENV{HOME}/.cargo/bin)
  if(NOT GATEWRIGHT_RUSTC)
    message(STATUS "${name} is left out: there is no rustc; GATEWRIGHT_RUSTC names one")
    return()
  endif()
  set(crate ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/rust)
  if(NOT EXISTS ${crate}/lib.rs)
    set(crate ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../rust)
  endif()
  string(REPLACE "-" "_" identifier ${name})
  set(here ${CMAKE_CURRENT_SOURCE_DIR})
  set(there ${CMAKE_CURRENT_BINARY_DIR})
  file(GLOB inputs CONFIGURE_DEPENDS ${here}/*.rs ${here}/*.json)
  set(rustc ${GATEWRIGHT_RUSTC} --edition 2021 -O -D warnings)
  add_custom_command(OUTPUT ${there}/libgatewright.rlib
    COMMAND ${rustc} --crate-type rlib --crate-name gatewright -o ${there}/libgatewright.rlib ${crate}/lib.rs
    DEPENDS ${crate}/lib.rs ${crate}/abi.rs VERBATIM)
  add_custom_command(OUTPUT ${there}/${name}.so
    COMMAND ${rustc} --crate-type cdylib --crate-name ${identifier}
      --extern gatewright=${there}/libgatewright.rlib -C strip=debuginfo -o ${there}/${name}.so ${here}/${source}
    DEPENDS ${inputs} ${there}/libgatewright.rlib VERBATIM)
  add_custom_target(${name} ALL DEPENDS ${there}/${name}.so)
  gatewright_test_plugin_(${name} ${there}/${name}.so)
endfunction()

# What the gateway's own commands say of it.
function(gatewright_test_plugin_ name file)
  if(TARGET gatewright)
    set(program $<TARGET_FILE:gatewright>)
  elseif(GATEWRIGHT_PROGRAM)
    set(program ${GATEWRIGHT_PROGRAM})
  else()
    message(STATUS "${name}: tests that need a gateway are left out; GATEWRIGHT_PROGRAM names one")
    add_test(NAME plugin.${name}.symbols
      COMMAND ${CMAKE_COMMAND} -DNM=${CMAKE_NM} -DFILE=${file}
        -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/check_symbols.cmake)
    set_tests_properties(plugin.${name}.symbols PROPERTIES LABELS plugins TIMEOUT 60)
    return()
  endif()
  set(here ${CMAKE_CURRENT_SOURCE_DIR})
  set(documents "")
  if(EXISTS ${here}/schema.json)
    list(APPEND documents --schema ${here}/schema.json)
    if(EXISTS ${here}/README.md)
      list(APPEND documents --readme ${here}/README.md)
    endif()
  endif()
  add_test(NAME plugin.${name}.load COMMAND ${program} plugin inspect --load ${file})
  add_test(NAME plugin.${name}.lint COMMAND ${program} plugin lint ${file} ${documents})
  set(tests plugin.${name}.load plugin.${name}.lint)
  if(EXISTS ${here}/cases.yaml)
    add_test(NAME plugin.${name}.cases
      COMMAND ${program} plugin test ${file} ${here}/cases.yaml)
    list(APPEND tests plugin.${name}.cases)
  endif()
  set_tests_properties(${tests} PROPERTIES LABELS plugins TIMEOUT 60)
endfunction()

# Writes NAME_schema.h. Bytes as character constants: no limit of a string literal's length applies.
function(gatewright_embed_schemas_ name)
  file(GLOB schemas CONFIGURE_DEPENDS schema.json *.schema.json)
  if(NOT schemas)
    return()
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${schemas})
  set(header "/* Made from the schemas of ${name} by gatewright_plugin(). */\n#pragma once\n")
  foreach(schema IN LISTS schemas)
    file(READ ${schema} text)
    string(JSON kind ERROR_VARIABLE problem TYPE "${text}")
    if(problem OR NOT kind STREQUAL "OBJECT")
      message(FATAL_ERROR "${schema}: not a JSON object: ${problem}")
    endif()
    get_filename_component(file ${schema} NAME)
    string(REGEX REPLACE "\\.?schema\\.json$" "" suffix ${file})
    string(MAKE_C_IDENTIFIER "gw_schema_${suffix}" constant)
    string(REGEX REPLACE "_$" "" constant ${constant})
    file(READ ${schema} bytes HEX)
    string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes ${bytes})
    string(APPEND header "static const char ${constant}[] __attribute__((unused)) = {${bytes}0};\n")
  endforeach()
  file(CONFIGURE OUTPUT ${name}_schema.h CONTENT "${header}" @ONLY)
  target_include_directories(${name} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
