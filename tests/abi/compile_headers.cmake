# SPDX-License-Identifier: Apache-2.0
# cmake -DCOMPILER=… -DLANGUAGE=c|c++ -DSTANDARD=… -DROOTS=dir;dir -DFILES=file;… -P compile_headers.cmake
# Compiles each file alone, with every warning an error.
foreach(root IN LISTS ROOTS)
  list(APPEND includes -I${root})
endforeach()
foreach(file IN LISTS FILES)
  # A second time in one unit: the guard has to hold.
  set(unit "#include \"${file}\"\n#include \"${file}\"\nextern int gw_nothing;\n")
  file(WRITE ${WORK}/unit.txt "${unit}")
  execute_process(
    COMMAND ${COMPILER} -x ${LANGUAGE} -std=${STANDARD} -fsyntax-only -DGW_ENABLE_DRAFT
      -Wall -Wextra -Wpedantic -pedantic-errors -Werror ${includes} ${WORK}/unit.txt
    RESULT_VARIABLE failed ERROR_VARIABLE text)
  if(failed)
    message(SEND_ERROR "${file}:\n${text}")
  endif()
endforeach()
