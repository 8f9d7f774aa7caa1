# SPDX-License-Identifier: Apache-2.0
# Installs the SDK into an empty folder and builds plugins against it, as a stranger would: the
# examples, and what `gatewright plugin new` writes; their own tests run as well. Leaves
# WORK/EXAMPLE/*.so behind for who asks what they do.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(failed)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${WORK}/prefix)

# build(SOURCE NAME): in WORK/NAME, without a network.
function(build source name)
  run(${CMAKE_COMMAND} -S ${source} -B ${WORK}/${name}
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_BUILD_TYPE=Release
    -DCMAKE_C_COMPILER=${CC} -DCMAKE_CXX_COMPILER=${CXX} -DGATEWRIGHT_PROGRAM=${GATEWRIGHT}
    "-DCMAKE_C_FLAGS=-std=c11 -Wall -Wextra -Wpedantic -Werror"
    "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror")
  run(${CMAKE_COMMAND} --build ${WORK}/${name})
  file(GLOB rust ${source}/*.rs)
  find_program(GATEWRIGHT_RUSTC rustc HINTS $ENV{HOME}/.cargo/bin)
  if(rust AND NOT GATEWRIGHT_RUSTC)
    return()
  endif()
  run(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/${name} --no-tests=error --output-on-failure)
endfunction()

file(GLOB lists ${SOURCE}/examples/*/CMakeLists.txt)
foreach(list IN LISTS lists)
  file(READ ${list} text)
  if(NOT text MATCHES "find_package\\(GatewrightPlugin")
    continue()
  endif()
  get_filename_component(folder ${list} DIRECTORY)
  get_filename_component(example ${folder} NAME)
  build(${folder} ${example})
endforeach()

set(languages c cpp)
find_program(GATEWRIGHT_RUSTC rustc HINTS $ENV{HOME}/.cargo/bin)
if(GATEWRIGHT_RUSTC)
  list(APPEND languages rust)
else()
  message(STATUS "SKIPPED: plugins in Rust, since there is no rustc")
endif()
foreach(lang IN LISTS languages)
  run(${GATEWRIGHT} plugin new fresh-${lang} --lang ${lang} --dir ${WORK}/sources/fresh-${lang})
  build(${WORK}/sources/fresh-${lang} fresh-${lang})
  if(NOT EXISTS ${WORK}/fresh-${lang}/fresh-${lang}.so)
    message(FATAL_ERROR "plugin new --lang ${lang} has built no plugin")
  endif()
endforeach()
