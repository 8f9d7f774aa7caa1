# SPDX-License-Identifier: Apache-2.0
# cmake -DNM=nm -DFILE=plugin.so -P check_symbols.cmake
# Fails unless FILE exports gatewright_module_v1 and nothing else.
execute_process(COMMAND ${NM} -D --defined-only --format=posix ${FILE}
  OUTPUT_VARIABLE output RESULT_VARIABLE failed ERROR_VARIABLE problem)
if(failed)
  message(FATAL_ERROR "${NM} ${FILE}: ${problem}")
endif()
string(REGEX MATCHALL "[^\n]+" lines "${output}")
set(names "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE " .*" "" symbol "${line}")
  list(APPEND names ${symbol})
endforeach()
if(NOT "${names}" STREQUAL "gatewright_module_v1")
  message(FATAL_ERROR "${FILE} exports \"${names}\", expected gatewright_module_v1 alone")
endif()
