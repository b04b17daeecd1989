#!/bin/sh
# Runs the test files on the runtime that RUNTIME names: bun (the default) or node. Arguments: files or folders.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- src test lab
case "${RUNTIME:-bun}" in
  bun) exec node_modules/.bin/bun --no-env-file test --timeout 120000 "$@" ;;
  node) find "$@" -name '*.test.ts' -not -path '*/node_modules/*' -print0 | xargs -0 "$(scripts/node-path.sh)" --test --test-timeout=120000 ;;
esac
