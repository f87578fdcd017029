# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The part of checks_test.sh about documents. A script that knows two subcommands is the enlighten command here.
cat >"$tree.command" <<'COMMAND'
#!/bin/bash
case $1 in
  run) printf '%s\n' 'Usage: enlighten run [OPTIONS] IMAGE|EXAMPLE' '' 'Options:' '  -h,--help      help' \
    '  --vcpus UINT=4  number' '  --no-xen Excludes: --xen' '         without' '  --xen VERSION|PATH Excludes: --no-xen' ;;
  list) printf '%s\n' 'Usage: enlighten list [OPTIONS]' '' 'Options:' '  -h,--help   help' ;;
  *) exit 4 ;;
esac
COMMAND
chmod +x "$tree.command"
trap 'rm -rf "$tree" "$tree.command"' EXIT
check=("$tools/check_documents.sh" "$tree.command")

document() { printf '%s\n' "$@" | put README.md; }

begin
put_source examples/smp/smp.cpp
document '# Good' '' 'Run `./enlighten run smp --vcpus 4 --no-xen`, see `base/README.md`, `<abi/frame.hpp>`, [this](#good).' '' \
  '```console' '$ ./enlighten run smp --xen 4.17 | tail' '$ ./enlighten list # all' '```' '' \
  'The image has 1,234 bytes (`./enlighten run smp`).' '' 'Xen has 1,023 bytes [xen event_channel.h].'
passes "a good document" "${check[@]}"

document 'Run `./enlighten fly`.'
finds "an unknown subcommand" 'README.md:1: enlighten has no subcommand fly' "${check[@]}"

document '' '```console' '$ ./enlighten run smp --cpus 4' '```'
finds "an unknown option" 'README.md:3: enlighten run has no option --cpus' "${check[@]}"

document '    ./enlighten run smp --vcpus'
finds "an option without its value" 'run --vcpus needs a value' "${check[@]}"

document '`./enlighten run smp --vcpus many`'
finds "a value of the wrong kind" 'takes a number, not many' "${check[@]}"

document '`./enlighten run missing`'
finds "an example that is not there" 'there is no such example' "${check[@]}"

document '`./enlighten list all`'
finds "an argument too many" 'takes 0 arguments, not 1' "${check[@]}"

document 'See `base/missing.hpp`.'
finds "a path that is not there" 'there is no base/missing.hpp' "${check[@]}"

document 'See `missing.sh`.'
finds "a file that is not there" 'there is no file missing.sh' "${check[@]}"

document 'See `<abi/missing.hpp>`.'
finds "a header that is not there" 'there is no header <abi/missing.hpp>' "${check[@]}"

document '[here](docs/missing.md)'
finds "a link to nowhere" 'leads nowhere' "${check[@]}"

document '# One' '[here](#two)'
finds "a link to no heading" 'there is no heading' "${check[@]}"

document 'The image has 1,234 bytes.'
finds "a figure without a source" 'README.md:1: 1,234 bytes' "${check[@]}"
