# SPDX-License-Identifier: Apache-2.0
# Installs the SDK into an empty folder and builds the example plugins against it, as a stranger
# would; their own tests run as well. Leaves WORK/EXAMPLE/*.so behind for who asks what they do.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(failed)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${WORK}/prefix)
file(GLOB lists ${SOURCE}/examples/*/CMakeLists.txt)
foreach(list IN LISTS lists)
  file(READ ${list} text)
  if(NOT text MATCHES "find_package\\(GatewrightPlugin")
    continue()
  endif()
  get_filename_component(folder ${list} DIRECTORY)
  get_filename_component(example ${folder} NAME)
  run(${CMAKE_COMMAND} -S ${SOURCE}/examples/${example} -B ${WORK}/${example}
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_C_COMPILER=${CC} -DCMAKE_CXX_COMPILER=${CXX}
    "-DCMAKE_C_FLAGS=-std=c11 -Wall -Wextra -Wpedantic -Werror"
    "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror")
  run(${CMAKE_COMMAND} --build ${WORK}/${example})
  run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/${example} --no-tests=error)
endforeach()
