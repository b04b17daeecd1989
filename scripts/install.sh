#!/bin/sh
# Installs the packages of the lockfile when they are missing or stale. Usage: scripts/install.sh [FOLDER]
set -eu
cd "$(dirname "$0")/../${1:-.}"
stamp=node_modules/.installed-for
wanted=$(cksum < package-lock.json)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
  echo "Installing the pinned dependencies …" >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  # .npmrc forbids the scripts of packages. This one is needed: it installs Bun's program for this machine.
  if [ -f node_modules/bun/install.js ]; then (cd node_modules/bun && node install.js >&2); fi
  echo "$wanted" > "$stamp"
fi
