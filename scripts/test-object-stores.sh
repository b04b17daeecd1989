#!/bin/sh
# Tests backups in real object stores, on the runtime that RUNTIME names: versitygw (S3) and Azurite (Azure Blob Storage).
# VERSITYGW and AZURITE name the programs; else it installs them into a cache, from the Go module proxy (it needs a Go) and
# from npm. `scripts/test.sh` skips these tests without the programs.
set -eu
cd "$(dirname "$0")/.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/nozama-object-stores"
versitygw_version=v1.8.0
azurite_version=3.37.0

if [ -z "${VERSITYGW:-}" ]; then
  VERSITYGW="$cache/versitygw-$versitygw_version/versitygw"
  if [ ! -x "$VERSITYGW" ]; then
    command -v go >/dev/null || { echo "The S3 tests need versitygw: install Go, or name it in VERSITYGW." >&2; exit 1; }
    echo "Installing versitygw …" >&2
    GOBIN=$(dirname "$VERSITYGW") go install "github.com/versity/versitygw/cmd/versitygw@$versitygw_version"
  fi
fi
if [ -z "${AZURITE:-}" ]; then
  folder="$cache/azurite-$azurite_version"
  AZURITE="$folder/node_modules/.bin/azurite-blob"
  if [ ! -x "$AZURITE" ]; then
    echo "Installing Azurite …" >&2
    mkdir -p "$folder"
    cp test/object-stores/azurite/package.json test/object-stores/azurite/package-lock.json "$folder"
    (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  fi
fi
export VERSITYGW AZURITE
exec scripts/test.sh test/object-stores
