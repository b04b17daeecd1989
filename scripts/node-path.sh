#!/bin/sh
# Prints the path of a Node that is 24 or newer: the one on PATH, else the pinned one, installed when missing.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
major=$(node -p 'process.versions.bun ? 0 : parseInt(process.versions.node)' 2>/dev/null || echo 0)
if [ "$major" -ge 24 ]; then
  command -v node
  exit
fi
"$root/scripts/install.sh" runtimes/node
for candidate in "$root"/runtimes/node/node_modules/*/bin/node; do
  if [ -x "$candidate" ]; then
    echo "$candidate"
    exit
  fi
done
echo "RUNTIME=node needs Node 24 or newer on PATH: npm has no pinned Node for this platform." >&2
exit 1
