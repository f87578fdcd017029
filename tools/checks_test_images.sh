# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The part of checks_test.sh about images: small ELF files, each with one thing wrong.
check=("$tools/check_images.sh" "$tree/build")

# image SOURCE LINK-OPTION...: links assembler, and makes the flat image.
image() {
  local source=$1
  shift
  mkdir -p "$tree/build"
  printf '.globl _start\n_start: b .\n%s\n' "$source" >"$tree/build/hello.S"
  # -shared, if given, wins.
  aarch64-linux-gnu-gcc-12 -nostdlib -static-pie -Wl,--no-dynamic-linker,--build-id=none,-z,noseparate-code "$@" \
    "$tree/build/hello.S" -o "$tree/build/hello" 2>"$tree/build/words" || cat "$tree/build/words" >&2
  # The header as Xen reads it: the size at 0x10, the magic at 0x38.
  { head -c 16 /dev/zero; printf '\0\1\0\0\0\0\0\0'; head -c 32 /dev/zero; printf 'ARM\x64'; head -c 4 /dev/zero; } \
    >"$tree/build/hello.img"
}

begin
echo 'hello 65536' >"$tree/tools/image-limits.txt"
image ''
passes "a good image" "${check[@]}"

image '.data
.weak missing
.xword missing' -shared
finds "an undefined symbol" 'hello: undefined symbol: missing' "${check[@]}"

image '.xword _start' -Wl,-z,notext
finds "a relocation in code" 'hello: relocations in code' "${check[@]}"

image '' -Wl,-N
finds "a page that can be written and executed" 'hello: can be written and executed' "${check[@]}"

image '.globl __cxa_throw
__cxa_throw: ret'
finds "exceptions" 'hello: exceptions or run-time type information: __cxa_throw' "${check[@]}"

image 'mrs x0, tpidrro_el0
cbnz x0, _start'
echo 'hello 65536 2' >"$tree/tools/image-limits.txt"
finds "too few trace points" 'hello: has 1 trace points, less than 2' "${check[@]}"
echo 'hello 65536 1' >"$tree/tools/image-limits.txt"
passes "a trace point of two instructions" "${check[@]}"

image 'mrs x0, tpidrro_el0
ldr x1, [x0]
add x2, x1, 1
cbnz x1, _start'
finds "a trace point of more than two instructions" 'hello: a trace point of more than two instructions in: <_start>' \
  "${check[@]}"
echo 'hello 65536' >"$tree/tools/image-limits.txt"

image ''
truncate -s 65537 "$tree/build/hello.img"
finds "an image that is too large" 'has 65537 bytes, more than 65536' "${check[@]}"
finds "a header that says too little" 'its header says 256 bytes, the file has 65537' "${check[@]}"

head -c 64 /dev/zero >"$tree/build/hello.img"
finds "an image without a header" 'no arm64 image header' "${check[@]}"

image ''
echo 'other 1' >>"$tree/tools/image-limits.txt"
finds "an image that was not built" 'other: was not built' "${check[@]}"
