#!/bin/sh
# Installs what the lockfile pins, only when that is missing or stale. Usage: scripts/install.sh [FOLDER]
set -eu
cd "$(dirname "$0")/../${1:-.}"
stamp=node_modules/.installed-for
wanted=$(cksum < package-lock.json)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
  echo "Installing the pinned dependencies …" >&2
  npm ci --no-audit --no-fund --loglevel=error >&2
  echo "$wanted" > "$stamp"
fi
