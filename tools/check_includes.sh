#!/bin/bash
# SPDX-License-Identifier: MIT
# Checks that every #include goes in a direction that tools/include-directions.txt allows.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

table=tools/include-directions.txt
[ -f "$table" ] || table=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/include-directions.txt

mapfile -t all_sources < <(sources)
found=$(awk '
  function fits(path, pattern) {
    if (pattern ~ /^\*/) {
      return substr(path, length(path) - length(pattern) + 2) == substr(pattern, 2)
    }
    return index(path "/", pattern "/") == 1
  }
  function fits_any(path, patterns, count,   i) {
    for (i = 1; i <= count; ++i) {
      if (fits(path, patterns[i])) return 1
    }
    return 0
  }
  function folder_of(path,   i, best) {
    best = ""
    for (i in folder_path) {
      if (fits(path, folder_path[i]) && length(folder_path[i]) > length(best)) best = folder_path[i]
    }
    return best
  }
  # dir/../x and dir/./x without the detours
  function plain(path,   parts, count, i, kept, out, stack) {
    count = split(path, parts, "/")
    kept = 0
    for (i = 1; i <= count; ++i) {
      if (parts[i] == "..") { if (kept > 0) --kept }
      else if (parts[i] != "." && parts[i] != "") stack[++kept] = parts[i]
    }
    out = stack[1]
    for (i = 2; i <= kept; ++i) out = out "/" stack[i]
    return out
  }
  function complain(text) { printf "%s:%d\t%s\n", FILENAME, FNR, text }

  FILENAME == table {
    sub(/#.*/, "")
    if ($1 == "folder") {
      name = $3; sub(/:$/, "", name)
      folder_path[name] = $2
      name_of[$2] = name
      for (i = 4; i <= NF; ++i) allowed[name, $i] = 1
    } else if ($1 == "library") {
      name = $2; sub(/:$/, "", name)
      for (i = 3; i <= NF; ++i) library[name, ++library_count[name]] = $i
    } else if ($1 == "hosted") {
      for (i = 2; i <= NF; ++i) hosted[$i] = 1
    } else if ($1 == "hosts") {
      for (i = 2; i <= NF; ++i) hosts[++hosts_count] = $i
    } else if ($1 == "conditional") {
      for (i = 2; i <= NF; ++i) conditional[++conditional_count] = $i
    } else if (NF) {
      complain("not understood")
    }
    next
  }
  FNR == 1 {
    own_path = folder_of(FILENAME)
    own = name_of[own_path]
    on_host = fits_any(FILENAME, hosts, hosts_count)
    if (own == "") complain("belongs to no folder of the table")
  }
  /^[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef)([ \t(!]|$)/ && !fits_any(FILENAME, conditional, conditional_count) {
    complain("asks the preprocessor; only " table "'"'"'s conditional paths may")
  }
  /^[ \t]*#[ \t]*include/ {
    if (match($0, /<[^>]*>/)) {
      header = substr($0, RSTART + 1, RLENGTH - 2)
      first = header; sub(/\/.*/, "", first)
      if (first in folder_path && first != header) {
        if (first != own && !((own, first) in allowed)) complain(own " may not include <" header ">")
      } else if (first in library_count) {
        ok = 0
        for (i = 1; i <= library_count[first]; ++i) ok = ok || fits(FILENAME, library[first, i])
        if (!ok) complain("<" header "> is not for this file")
      } else if (first in hosted && !on_host) {
        complain("<" header "> needs an operating system, and an image has none")
      }
    } else if (match($0, /"[^"]*"/)) {
      header = substr($0, RSTART + 1, RLENGTH - 2)
      directory = FILENAME; sub(/[^\/]*$/, "", directory)
      if (folder_of(plain(directory header)) != own_path) complain("\"" header "\" leaves the folder; use <name/...>")
    } else {
      complain("an #include of something that is no name")
    }
  }
' table="$table" "$table" "${all_sources[@]}")

while IFS=$'\t' read -r place text; do
  [ -z "$place" ] || problem "$place" "$text"
done <<<"$found"
finish "include directions of ${#all_sources[@]} files"
