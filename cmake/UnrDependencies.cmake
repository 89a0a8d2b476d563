# SPDX-License-Identifier: MIT
# Finds the libraries once and gives each an imported target.  The Debian
# packages are named in ../bootstrap.
find_package(LibArchive 3.6 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(ZLIB REQUIRED)
find_package(LibLZMA 5.2 REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

find_package(PkgConfig REQUIRED)
pkg_check_modules(JANSSON REQUIRED IMPORTED_TARGET jansson>=2.13)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd>=1.4)
# 7.74 is Debian 11's.
pkg_check_modules(LIBCURL REQUIRED libcurl>=7.74)
pkg_check_modules(LIBCAP REQUIRED IMPORTED_TARGET libcap)
# 2.5: seccomp_api_get().
pkg_check_modules(LIBSECCOMP REQUIRED IMPORTED_TARGET libseccomp>=2.5)
# Optional: what it is for, zlib does too.  2.21: isal_inflate_set_dict as it is used here.
if(UNR_ISAL)
  pkg_check_modules(ISAL IMPORTED_TARGET libisal>=2.21)
endif()

# fts(3) is in glibc; for musl it is a library of its own.
include(CheckSymbolExists)
check_symbol_exists(fts_open "sys/types.h;sys/stat.h;fts.h" UNR_LIBC_HAS_FTS)
if(NOT UNR_LIBC_HAS_FTS)
  pkg_check_modules(FTS REQUIRED IMPORTED_TARGET musl-fts)
endif()

# libsubid comes without a pkg-config file in Debian 12.
find_path(LIBSUBID_INCLUDE_DIR shadow/subid.h REQUIRED)
find_library(LIBSUBID_LIBRARY subid REQUIRED)
mark_as_advanced(LIBSUBID_INCLUDE_DIR LIBSUBID_LIBRARY)
add_library(subid::subid UNKNOWN IMPORTED)
set_target_properties(subid::subid PROPERTIES
  IMPORTED_LOCATION "${LIBSUBID_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${LIBSUBID_INCLUDE_DIR}")

if(BUILD_TESTING)
  find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)
  # The interpreter itself: what chooses one, as pyenv does, is of no use to another user.
  execute_process(COMMAND ${Python3_EXECUTABLE} -c "import sys; print(sys.executable)"
    OUTPUT_VARIABLE Python3_EXECUTABLE OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  # Older cmocka (Debian 12) has a CMake package without a target.
  find_package(cmocka QUIET)
  if(NOT TARGET cmocka::cmocka)
    pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET GLOBAL cmocka>=1.1.5)
    add_library(cmocka::cmocka ALIAS PkgConfig::CMOCKA)
  endif()
endif()
