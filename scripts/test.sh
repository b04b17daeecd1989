#!/bin/sh
# Runs the test files on the runtime that RUNTIME names: bun (the default) or node. Arguments: files or folders.
# POSTGRES_TESTS=only runs the test files that need PostgreSQL and no others; POSTGRES_TESTS=none leaves them out.
set -eu
cd "$(dirname "$0")/.."
bail=
if [ "${1:-}" = --bail ]; then
  bail=--bail
  shift
fi
# Tests that last start first, so that at the end no file runs alone for long.
[ $# -gt 0 ] || set -- test lab src scripts
for path in "$@"; do
  if [ ! -e "$path" ]; then
    echo "There is no file or folder $path. Name test files, or folders that hold some." >&2
    exit 2
  fi
done
case ${POSTGRES_TESTS:-} in
  '') keep='-e' words='' ;;
  only) keep='-e' words='postgres\|upgrades/rolling' ;;
  none) keep='-v' words='postgres\|upgrades/rolling' ;;
  *)
    echo "POSTGRES_TESTS is \"$POSTGRES_TESTS\", but must be only or none." >&2
    exit 2
    ;;
esac
files=$(for path in "$@"; do find "$path" -name '*.test.ts' -not -path '*/node_modules/*' | sort; done | grep $keep "$words" || true)
if [ -z "$files" ]; then
  echo "There is no test file to run in: $*. Name files or folders that hold *.test.ts${POSTGRES_TESTS:+, or unset POSTGRES_TESTS}." >&2
  exit 2
fi
# shellcheck disable=SC2086 # names of test files have no spaces; a test holds how files are named
exec scripts/run-test-files.sh $bail $files
