#!/bin/sh
# Tests objects and backups in real stores, on the runtime that RUNTIME names: versitygw (S3), Azurite (Azure Blob
# Storage) and fake-gcs-server (Google Cloud Storage). VERSITYGW, AZURITE and FAKE_GCS name them; else it installs them into
# a cache: from the Go module proxy (it needs a Go), and from npm. `scripts/test.sh` skips these tests without the programs.
# Arguments: files or folders of tests; all of these without any.
set -eu
cd "$(dirname "$0")/.."
cache="${XDG_CACHE_HOME:-$HOME/.cache}/nozama-object-stores"
versitygw_version=v1.8.0
azurite_version=3.37.0
fake_gcs_version=v1.56.1

# Usage: need PROGRAM TESTS REMEDY
need() {
  command -v "$1" >/dev/null || { echo "The $2 tests need $1: $3." >&2; exit 1; }
}

if [ -z "${VERSITYGW:-}" ]; then
  VERSITYGW="$cache/versitygw-$versitygw_version/versitygw"
  if [ ! -x "$VERSITYGW" ]; then
    need go S3 'install Go, or name versitygw in VERSITYGW'
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
if [ -z "${FAKE_GCS:-}" ]; then
  FAKE_GCS="$cache/fake-gcs-server-$fake_gcs_version/fake-gcs-server"
  if [ ! -x "$FAKE_GCS" ]; then
    need go 'Google Cloud Storage' 'install Go, or name fake-gcs-server in FAKE_GCS'
    echo "Installing fake-gcs-server …" >&2
    GOBIN=$(dirname "$FAKE_GCS") go install "github.com/fsouza/fake-gcs-server@$fake_gcs_version"
  fi
fi
export VERSITYGW AZURITE FAKE_GCS
# HDFS has a script of its own: scripts/test-hdfs.sh.
[ $# -gt 0 ] || set -- test/object-stores/*.test.ts
exec scripts/test.sh "$@"
