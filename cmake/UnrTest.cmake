# SPDX-License-Identifier: MIT
# How a test becomes a ctest: labels, time limit, exit 77 means "not run here".
# Tests are found by glob; nobody keeps a list.  What not everybody can run is found by its mark,
# unr_needs_root or unr_needs_ranges in C, @needs_root() or @needs_ranges() in python, and has the
# label "privileged" or "ranges" beside its own.

# What every test may rely on in its environment.
set(UNR_TEST_ENVIRONMENT
  "UNR_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
  "UNR_WITHOUT=$<TARGET_FILE:unr-without>"
  "UNR_FAULT=$<TARGET_FILE:unr-fault>"
  "UNR_HELPER_DIR=${PROJECT_BINARY_DIR}/test-helpers"
  "PYTHONPATH=${PROJECT_SOURCE_DIR}/tests/support"
  "PYTHONDONTWRITEBYTECODE=1"
  "LC_ALL=C.UTF-8")

# unr_register(<name> LABELS <label>... [TIMEOUT <seconds>] [SERIAL] COMMAND <word>...)
function(unr_register name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SERIAL" "TIMEOUT" "LABELS;COMMAND")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_LABELS OR NOT arg_COMMAND)
    message(FATAL_ERROR "unr_register(${name}): LABELS and COMMAND are required")
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  # Sanitizers slow a program down, and a busy machine adds to it.
  if(UNR_SANITIZE)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 5")
  endif()
  math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * ${UNR_TIMEOUT_FACTOR}")
  add_test(NAME ${name} COMMAND ${arg_COMMAND})
  set_tests_properties(${name} PROPERTIES
    LABELS "${arg_LABELS}" SKIP_RETURN_CODE 77 TIMEOUT ${arg_TIMEOUT}
    RUN_SERIAL ${arg_SERIAL}
    ENVIRONMENT "${UNR_TEST_ENVIRONMENT};USERNS_REPRO=$<TARGET_FILE:userns-repro>")
endfunction()

# unr_add_test(<name> SOURCES <file>... LABELS <label>... [WRAP <symbol>...] [LIBS <lib>...]
#              [INCLUDES <dir>...] [TIMEOUT <seconds>]) - a cmocka program
function(unr_add_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;LABELS;WRAP;LIBS;INCLUDES")
  if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES OR NOT arg_LABELS)
    message(FATAL_ERROR "unr_add_test(${name}): SOURCES and LABELS are required")
  endif()
  if(NOT arg_LIBS)
    set(arg_LIBS usernsrepro)
  endif()
  string(REPLACE "." "_" target "test_${name}")
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE unr_flags unr_test_support ${arg_LIBS})
  target_include_directories(${target} PRIVATE ${arg_INCLUDES} "${PROJECT_SOURCE_DIR}/harness/src")
  foreach(symbol IN LISTS arg_WRAP)
    # Fortified or 64-bit variants of libc names would slip past the wrapper.
    if(NOT symbol MATCHES "^unr_")
      message(FATAL_ERROR "${name}: wrap functions of the project only, not ${symbol}")
    endif()
    target_link_options(${target} PRIVATE "LINKER:--wrap=${symbol}")
  endforeach()
  unr_register(${name} LABELS ${arg_LABELS} TIMEOUT ${arg_TIMEOUT} COMMAND ${target})
endfunction()

# unr_add_c_tests(<folder> <prefix> LABELS <label>... [LIBS ...] [INCLUDES ...] [TIMEOUT ...])
# Every <folder>/test_<x>.c becomes <prefix>.<x>.  A function __wrap_<symbol> in the file is all
# it takes to wrap <symbol>.
function(unr_add_c_tests folder prefix)
  file(GLOB files CONFIGURE_DEPENDS "${folder}/test_*.c")
  foreach(file IN LISTS files)
    get_filename_component(stem "${file}" NAME_WE)
    string(REGEX REPLACE "^test_" "" stem "${stem}")
    file(STRINGS "${file}" lines REGEX "__wrap_[A-Za-z0-9_]+\\(")
    string(REGEX MATCHALL "__wrap_[A-Za-z0-9_]+" symbols "${lines}")
    list(TRANSFORM symbols REPLACE "^__wrap_" "")
    list(REMOVE_DUPLICATES symbols)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    unr_add_test("${prefix}.${stem}" SOURCES "${file}" WRAP ${symbols} ${ARGN})
    unr_find_parts("${file}" "unr_needs_" parts)
    set_property(TEST "${prefix}.${stem}" APPEND PROPERTY LABELS ${parts})
  endforeach()
endfunction()

# unr_find_parts(<file> <what a mark begins with> <variable>): the labels of its marks
function(unr_find_parts file begin result)
  set(parts "")
  file(STRINGS "${file}" marks REGEX "${begin}(root|ranges)")
  if(marks MATCHES "needs_ranges")
    list(APPEND parts ranges)
  endif()
  if(marks MATCHES "needs_root")
    list(APPEND parts privileged)
  endif()
  set(${result} "${parts}" PARENT_SCOPE)
endfunction()

# unr_add_python_tests(<folder> <prefix> LABELS <label>... [TIMEOUT ...] [SERIAL])
# Every <folder>/test_<x>.py becomes <prefix>.<x>, and its tests with a mark <prefix>.<x>.<label>.
function(unr_add_python_tests folder prefix)
  file(GLOB files CONFIGURE_DEPENDS "${folder}/test_*.py")
  foreach(file IN LISTS files)
    get_filename_component(stem "${file}" NAME_WE)
    string(REGEX REPLACE "^test_" "" stem "${stem}")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    unr_find_parts("${file}" "@.*needs_" parts)
    if(NOT parts)
      unr_register("${prefix}.${stem}" ${ARGN} COMMAND ${Python3_EXECUTABLE} "${file}")
      continue()
    endif()
    unr_register("${prefix}.${stem}" ${ARGN}
      COMMAND ${Python3_EXECUTABLE} "${file}" --part anybody)
    foreach(part IN LISTS parts)
      set(name "${prefix}.${stem}.${part}")
      unr_register("${name}" ${ARGN} COMMAND ${Python3_EXECUTABLE} "${file}" --part ${part})
      set_property(TEST "${name}" APPEND PROPERTY LABELS ${part})
    endforeach()
  endforeach()
endfunction()
