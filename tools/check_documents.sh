#!/bin/bash
# SPDX-License-Identifier: MIT
# Checks that README.md, the READMEs of folders and docs/ speak of what there is: check_documents.sh ENLIGHTEN-COMMAND
#
# Every `enlighten ...` command, in a code block or between backquotes, must have a subcommand and flags that
# ENLIGHTEN-COMMAND --help knows; every path and header named must exist; every link must lead somewhere; every figure
# of README.md and docs/ must stand in one paragraph with the command that prints it, or with a source in square brackets.
set -euo pipefail
[ $# -eq 1 ] && [ -x "$1" ] || {
  echo "usage: check_documents.sh ENLIGHTEN-COMMAND" >&2
  exit 2
}
enlighten=$(readlink -f "$1")
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mapfile -t documents < <(files 'README.md' '*/README.md' 'docs/*.md')

# Prints FILE:LINE<tab>KIND<tab>TEXT: command, name (between backquotes), link, heading; figure (a paragraph without source).
take_apart() {
  awk '
    function emit(kind, text) { printf "%s:%d\t%s\t%s\n", FILENAME, FNR, kind, text }
    function end_paragraph() {
      if (figure != "" && !sourced) printf "%s\tfigure\t%s\n", figure_place, figure
      figure = ""; sourced = 0
    }
    function commands_in(text) {
      while (match(text, /(^|[ `(])(\.\/)?enlighten [a-z][^`]*/)) {
        found = substr(text, RSTART, RLENGTH)
        text = substr(text, RSTART + RLENGTH)
        sub(/^[ `(]*(\.\/)?enlighten /, "", found)
        emit("command", found)
      }
    }
    FNR == 1 { end_paragraph(); fenced = 0 }
    /^[ \t]*```/ { fenced = !fenced; end_paragraph(); next }
    fenced || /^    [^ ]/ {
      line = $0; sub(/^[ \t]*([$#] )?/, "", line)
      if (line ~ /^(\.\/)?enlighten /) { sub(/^(\.\/)?enlighten /, "", line); emit("command", line) }
      else if (line ~ /^(\.\/)?[a-z]+\/[^ ]+\.sh( |$)/) { sub(/ .*/, "", line); sub(/^\.\//, "", line); emit("name", line) }
      next
    }
    /^[ \t]*$/ { end_paragraph(); next }
    {
      text = $0
      while (match(text, /`[^`]+`/)) {
        code = substr(text, RSTART + 1, RLENGTH - 2)
        text = substr(text, 1, RSTART - 1) " \001 " substr(text, RSTART + RLENGTH)
        if (code ~ /^(\.\/)?enlighten /) { commands_in(code); sourced = 1 }
        else { emit("name", code); if (code ~ /^tools\//) sourced = 1 }
      }
      while (match(text, /\]\([^)]+\)/)) {
        emit("link", substr(text, RSTART + 2, RLENGTH - 3))
        text = substr(text, 1, RSTART - 1) " " substr(text, RSTART + RLENGTH)
      }
      if (text ~ /\[[a-z][a-z0-9 _.:,\/-]*\]/) sourced = 1
      if (FILENAME ~ /^(README.md|docs\/)/ && figure == "" && match(text, /[0-9][0-9,.]* ?(bytes|KiB|hypercalls|PSCI calls|traps|instructions)/) &&
          text !~ /at most|limit|pages?([^a-z]|$)/) {
        figure = substr(text, RSTART, RLENGTH)
        figure_place = FILENAME ":" FNR
      }
    }
    END { end_paragraph() }
  ' "${documents[@]}"
}

# The options of a subcommand, one a line: NAME, then "value" if it takes one, then what it may be if that is listed.
declare -A help_of
help_for() {
  if [ -z "${help_of[$1]+known}" ]; then
    help_of[$1]=$("$enlighten" "$1" --help 2>/dev/null) || help_of[$1]=
  fi
}

check_command() {
  local place=$1 text=$2 subcommand words word line kind positionals=0 most
  text=${text//[\[\]]/ }
  text=${text%%[|>#;&]*}
  mapfile -t words < <(xargs printf '%s\n' <<<"${text//\\/}" 2>/dev/null || true)
  subcommand=${words[0]-}
  case $subcommand in
    '' | -*) return ;;
  esac
  help_for "$subcommand"
  if [ -z "${help_of[$subcommand]}" ]; then
    problem "$place" "enlighten has no subcommand $subcommand"
    return
  fi
  most=$(sed -n 's/^Usage: *enlighten *[a-z]* *//p' <<<"${help_of[$subcommand]}" | sed 's/\[OPTIONS\]//' | wc -w)
  set -- "${words[@]:1}"
  while [ $# -gt 0 ]; do
    word=$1
    shift
    case $word in
      # Another guest of the same run.
      +) positionals=0 ;;
      --*)
        line=$(grep -E -- "^ +(-[a-z], ?)?${word%%=*}( |$)" <<<"${help_of[$subcommand]}" || true)
        kind=$(awk '{ print $2 }' <<<"${line%%Excludes*}")
        if [ -z "$line" ]; then
          problem "$place" "enlighten $subcommand has no option ${word%%=*}"
        elif [[ $kind =~ ^(UINT|INT|FLOAT|TEXT|FILE|[A-Z]+\|) ]] && [[ $word != *=* ]]; then
          if [ $# -eq 0 ] || [[ $1 == --* ]]; then
            problem "$place" "enlighten $subcommand $word needs a value"
          else
            if [[ $kind =~ ^U?INT ]] && ! [[ $1 =~ ^([0-9]+|[A-Z]+)$ ]]; then
              problem "$place" "enlighten $subcommand $word takes a number, not $1"
            fi
            shift
          fi
        fi
        ;;
      *)
        positionals=$((positionals + 1))
        if [ "$subcommand" = run ] && [[ $word =~ ^[a-z][a-z0-9_]*$ ]] && [ ! -d "examples/$word" ] &&
          [ -z "$(files "tests/boot/$word*")" ]; then
          problem "$place" "enlighten run $word: there is no such example"
        fi
        ;;
    esac
  done
  if [ "$positionals" -gt "$most" ]; then
    problem "$place" "enlighten $subcommand takes $most arguments, not $positionals"
  fi
}

# Everything that has a name in the tree: tracked files and the folders above them.
names=$(files | awk -F/ '{ path = ""; for (i = 1; i <= NF; ++i) { path = path (i > 1 ? "/" : "") $i; print path } }' | sort -u)

exists() { grep -qxF -- "$1" <<<"$names"; }

check_name() {
  local place=$1 name=$2 folder
  folder=$(dirname "${place%%:*}")
  name=${name%/}
  if [[ $name =~ ^\<([a-z_0-9]+/[a-z_0-9/]+\.hpp)\>$ ]]; then
    grep -qE "(^|/)include/${BASH_REMATCH[1]//./\\.}\$" <<<"$names" || problem "$place" "there is no header $name"
  elif [[ $name =~ ^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$ ]]; then
    # A path is one of ours if it begins with a folder of ours, or of the folder whose README this is.
    if { exists "${name%%/*}" && ! exists "$name"; } ||
      { [ "$folder" != . ] && exists "$folder/${name%%/*}" && ! exists "$folder/$name"; }; then
      [ "$folder" != . ] && exists "$folder/$name" || problem "$place" "there is no $name"
    fi
  elif [[ $name =~ ^[a-z0-9_.-]+\.(hpp|cpp|sh|cmake)$ ]] && [[ $place != docs/* ]]; then
    grep -qE "(^|/)${name//./\\.}\$" <<<"$names" || problem "$place" "there is no file $name"
  fi
}

check_link() {
  local place=$1 link=$2 folder file target
  folder=$(dirname "${place%%:*}")
  case $link in
    *://* | mailto:*) return ;;
  esac
  target=${link%%#*}
  if [ -n "$target" ] && [ ! -e "$folder/$target" ]; then
    problem "$place" "the link to $target leads nowhere"
    return
  fi
  if [[ $link == *'#'* ]]; then
    file=${target:+$folder/$target}
    grep -E '^#+ ' "${file:-${place%%:*}}" | tr '[:upper:]' '[:lower:]' |
      sed -E 's/^#+ +//; s/[^a-z0-9 _-]//g; s/ /-/g' | grep -xF -- "${link#*#}" >/dev/null ||
      problem "$place" "there is no heading for $link"
  fi
}

while IFS=$'\t' read -r place kind text; do
  case $kind in
    command) check_command "$place" "$text" ;;
    name) check_name "$place" "$text" ;;
    link) check_link "$place" "$text" ;;
    figure) problem "$place" "$text: no command and no source beside this figure" ;;
  esac
done < <(take_apart)
finish "commands, paths, links and figures of ${#documents[@]} documents"
