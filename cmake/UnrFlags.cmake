# SPDX-License-Identifier: MIT
# Compiler and linker flags as interface libraries; nothing is appended to
# CMAKE_C_FLAGS.  Every target of the project links unr_flags privately.
include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

add_library(unr_flags INTERFACE)
target_compile_definitions(unr_flags INTERFACE _GNU_SOURCE)
# Assertions guard against mistakes of our own and stay on in a release.
target_compile_options(unr_flags INTERFACE -UNDEBUG
  -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2
  -Wundef -Wwrite-strings -Wpointer-arith -Wcast-qual -Wconversion -Wnull-dereference
  $<$<BOOL:${UNR_WERROR}>:-Werror>)

# CMake compiles each public header alone as an object library of its own making, the only ones
# here: those go by the same warnings, and fail on them.
add_compile_options("$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,OBJECT_LIBRARY>:-Wall;-Wextra;-Wstrict-prototypes;-Werror>")

# What a release is hardened with.  Fortified libc calls and sanitizers do not go together.
if(CMAKE_BUILD_TYPE MATCHES "^(Release|RelWithDebInfo|MinSizeRel)$" AND NOT UNR_SANITIZE)
  target_compile_options(unr_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  target_link_options(unr_flags INTERFACE LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
  foreach(flag IN ITEMS -fstack-clash-protection -fcf-protection)
    string(MAKE_C_IDENTIFIER "UNR_HAS${flag}" has)
    check_c_compiler_flag(${flag} ${has})
    target_compile_options(unr_flags INTERFACE $<$<BOOL:${${has}}>:${flag}>)
  endforeach()
endif()

if(UNR_SANITIZE)
  list(JOIN UNR_SANITIZE "," sanitizers)
  target_compile_options(unr_flags INTERFACE
    -fsanitize=${sanitizers} -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(unr_flags INTERFACE -fsanitize=${sanitizers})
endif()

if(UNR_COVERAGE)
  target_compile_definitions(unr_flags INTERFACE UNR_COVERAGE)
  target_compile_options(unr_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(unr_flags INTERFACE --coverage)
endif()

if(UNR_FUZZ)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "UNR_FUZZ needs clang: libFuzzer is part of it")
  endif()
  target_compile_options(unr_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
