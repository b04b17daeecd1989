#!/bin/sh
# Runs the test files on the runtime that RUNTIME names: bun (the default) or node. Arguments: files or folders.
# ENGINE=postgres runs those that are of PostgreSQL alone, ENGINE=sqlite all others; without it, all.
set -eu
cd "$(dirname "$0")/.."
bail=
if [ "${1:-}" = --bail ]; then
  bail=--bail
  shift
fi
# Tests that last start first, so that at the end no file runs alone for long.
[ $# -gt 0 ] || set -- test lab src scripts
case ${ENGINE:-} in
  '') keep='-e' words='' ;;
  sqlite) keep='-v' words='postgres\|upgrades/rolling' ;;
  postgres) keep='-e' words='postgres\|upgrades/rolling' ;;
  *) echo "ENGINE must be sqlite or postgres." >&2; exit 2 ;;
esac
# shellcheck disable=SC2046 # names of test files have no spaces; a test holds how files are named
set -- $(for folder in "$@"; do find "$folder" -name '*.test.ts' -not -path '*/node_modules/*' | sort; done | grep $keep "$words")
exec scripts/run-test-files.sh $bail "$@"
