# SPDX-License-Identifier: MIT
# data/owners.csv, which has the format described in it, as rows of a C table.

set(UNR_ID_MAX 4294967294)

# parse_ids(<text> <variable>) - "*", "N" or "N-M" to "FIRST, LAST"
function(unr_parse_ids text variable)
  if(text STREQUAL "*")
    set(${variable} "0, ${UNR_ID_MAX}" PARENT_SCOPE)
  elseif(text MATCHES "^([0-9]+)$")
    set(${variable} "${text}, ${text}" PARENT_SCOPE)
  elseif(text MATCHES "^([0-9]+)-([0-9]+)$")
    set(${variable} "${CMAKE_MATCH_1}, ${CMAKE_MATCH_2}" PARENT_SCOPE)
  else()
    message(FATAL_ERROR "owners: '${text}' is neither '*' nor an id nor a range of ids")
  endif()
endfunction()

# unr_owners(<csv> <output>) - writes the rows; the build is configured again when the file changes
function(unr_owners csv output)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${csv}")
  file(STRINGS "${csv}" lines REGEX "^[^#]")
  set(rows "/* Made from data/owners.csv. */\n")
  foreach(line IN LISTS lines)
    if(line MATCHES "^owner,([^,]*),([^,]*),([A-Za-z0-9 ().]+)$")
      set(hint "${CMAKE_MATCH_3}")
      set(gids "${CMAKE_MATCH_2}")
      unr_parse_ids("${CMAKE_MATCH_1}" uids)
      unr_parse_ids("${gids}" gids)
      string(APPEND rows "{ { { ${uids} }, { ${gids} } }, \"${hint}\" },\n")
    elseif(line MATCHES "^range,([0-9]+),([0-9]+)$")
      math(EXPR last "${CMAKE_MATCH_1} + ${CMAKE_MATCH_2} - 1")
      string(APPEND rows "{ { { ${CMAKE_MATCH_1}, ${last} }, { 0, 0 } }, NULL },\n")
    else()
      message(FATAL_ERROR "${csv}: not a line of this format: ${line}")
    endif()
  endforeach()
  file(CONFIGURE OUTPUT "${output}" CONTENT "${rows}" @ONLY)
endfunction()
