# SPDX-License-Identifier: MIT
# Marks a header's plain comments for doxygen, line by line: `// text` before a declaration as `/// text`, behind a member
# or an enumerator as `///< text`, and the first lines of the file as what the file is.

# What doxygen would take for a command, a link or a tag is a plain character in these comments, and so is what stands
# in `code`. A backtick without a partner is one, too.
function plain(text,    parts, count, position, result) {
  count = split(text, parts, "`")
  result = ""
  for (position = 1; position <= count; ++position) {
    gsub(/[\\@#<>&$%"]/, "\\\\&", parts[position])
    if (position % 2 == 0) {
      result = result (position < count ? "<tt>" parts[position] "</tt>" : "\\`" parts[position])
    } else {
      result = result parts[position]
    }
  }
  return result
}

NR == 1 && /^\/\/ SPDX-/ {
  print "/// \\file"
  next
}

/^[ ]*\/\/( |$)/ {
  at = index($0, "//")
  text = substr($0, at + 2)
  # Indented text is an example or a figure: code, to doxygen, which takes it as it is.
  print substr($0, 1, at - 1) "///" (text ~ /^     / ? text : plain(text))
  next
}

# Behind a declaration; behind a closing brace it is about a namespace, or within a function.
/[;,0-9A-Za-z_)] +\/\/ / && !/^ *}/ && !/"[^"]*\/\/[^"]*"/ {
  at = index($0, "//")
  print substr($0, 1, at - 1) "///<" plain(substr($0, at + 2))
  next
}

{ print }
