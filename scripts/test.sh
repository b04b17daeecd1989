#!/bin/sh
# Runs the test files on the runtime that RUNTIME names: bun (the default) or node. Arguments: files or folders.
# ENGINE=postgres runs those that are of PostgreSQL alone, ENGINE=sqlite all others; without it, all.
# Two files at a time: they wait for disks and clocks more than they compute.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- src test lab
if [ -n "${ENGINE:-}" ]; then
  case $ENGINE in
    sqlite) keep='-v' ;;
    postgres) keep='-e' ;;
    *) echo "ENGINE must be sqlite or postgres." >&2; exit 2 ;;
  esac
  # shellcheck disable=SC2046 # names of test files have no spaces; a test holds how files are named
  set -- $(find "$@" -name '*.test.ts' -not -path '*/node_modules/*' | sort | grep $keep 'postgres\|upgrades/rolling')
fi
case "${RUNTIME:-bun}" in
  bun) exec node_modules/.bin/bun --no-env-file test --parallel=2 --timeout 120000 "$@" ;;
  node) find "$@" -name '*.test.ts' -not -path '*/node_modules/*' -print0 | xargs -0 "$(scripts/node-path.sh)" --test --test-concurrency=2 --test-timeout=120000 ;;
esac
