#!/bin/sh
# Runs the test files on the runtime that RUNTIME names: bun (the default) or node. Arguments: files or folders.
# Two files at a time: they wait for disks and clocks more than they compute.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- src test lab
case "${RUNTIME:-bun}" in
  bun) exec node_modules/.bin/bun --no-env-file test --parallel=2 --timeout 120000 "$@" ;;
  node) find "$@" -name '*.test.ts' -not -path '*/node_modules/*' -print0 | xargs -0 "$(scripts/node-path.sh)" --test --test-concurrency=2 --test-timeout=120000 ;;
esac
