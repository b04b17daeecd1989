#!/bin/sh
# Prints the path of a Node that can run the service: the one on PATH when it is 24 or newer and its SQLite is new enough
# for src/storage/sqlite/connection.ts, else the pinned one, which it installs when it is missing.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
is_fit='(() => {
  const { bun, node, sqlite = "0" } = process.versions;
  const [major, minor, patch] = sqlite.split(".").map(Number);
  return bun === undefined && parseInt(node) >= 24 && major * 1e6 + minor * 1e3 + (patch || 0) >= 3_051_003;
})()'
if [ "$(node -p "$is_fit" 2>/dev/null || true)" = true ]; then
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
echo "RUNTIME=node needs on PATH a Node 24 or newer with SQLite 3.51.3 or newer (node -p process.versions.sqlite): npm has no pinned Node for this platform." >&2
exit 1
