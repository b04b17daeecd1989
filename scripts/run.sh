#!/bin/sh
# Runs a TypeScript file on the runtime that RUNTIME names: bun (the default) or node.
# Node is the one that scripts/node-path.sh finds: on PATH when it is new enough, else the pinned one from npm.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
case "${RUNTIME:-bun}" in
  bun)
    # Configuration has one reader, src/config; Bun would read .env files of its own choosing before it.
    exec "$root/node_modules/.bin/bun" --no-env-file "$@"
    ;;
  node)
    node=$("$root/scripts/node-path.sh")
    # Node strips the types of every file at each start; the cache halves the time to the first order.
    export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/node_modules/.cache/node}"
    exec "$node" "$@"
    ;;
  *)
    echo "RUNTIME is \"$RUNTIME\", but must be bun or node." >&2
    exit 2
    ;;
esac
