#!/bin/sh
# Tests the tables of the lake with readers of others' making, delta-rs, DuckDB and Polars, on the runtime that RUNTIME names.
# SEED and RUNS (40 random tables) make a run another, or longer.
#
# LAKE_PYTHON names a Python that has the readers. Else it needs Python 3.11 or newer, and installs them from PyPI, by their
# hashes, into a cache of this user's. `scripts/test.sh` skips these tests without them. test/lake/requirements.txt comes of
#   printf '%s\n' deltalake==1.6.6 duckdb==1.5.5 duckdb-extension-delta==1.5.5 polars==2.1.0 pyarrow==26.0.1 pytz==2026.6 |
#   uv pip compile - --universal --generate-hashes --python-version 3.11 --no-header --no-annotate
set -eu
cd "$(dirname "$0")/.."
requirements=test/lake/requirements.txt
venv="${XDG_CACHE_HOME:-$HOME/.cache}/nozama-lake-$(cksum < $requirements | tr ' ' -)"

if [ -z "${LAKE_PYTHON:-}" ] && [ ! -x "$venv/bin/python" ]; then
  python=
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  if [ -z "$python" ]; then
    echo "The readers need Python 3.11 or newer with venv (on Debian: apt-get install python3-venv). Found: $(python3 --version 2>&1 || true)" >&2
    exit 1
  fi
  echo "Installing delta-rs, DuckDB and Polars …" >&2
  rm -rf "$venv.new"
  "$python" -m venv "$venv.new"
  "$venv.new/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r "$requirements"
  rm -rf "$venv"
  mv "$venv.new" "$venv"
fi
LAKE_PYTHON="${LAKE_PYTHON:-$venv/bin/python}" exec scripts/test.sh test/lake/readers.test.ts
