#!/bin/sh
# Holds the OpenAPI document against the running service, on the runtime that RUNTIME names: schemathesis makes requests of the
# document and checks each answer against it. SEED (1) and EXAMPLES (20 for each operation) make a run longer, or another.
#
# It needs Python 3.11 or newer, and installs schemathesis and all that it needs from PyPI, by their hashes, into a cache of
# this user's. test/openapi/requirements.txt comes of
#   echo schemathesis==4.32.5 | uv pip compile - --universal --generate-hashes --python-version 3.11 --no-header --no-annotate
set -eu
cd "$(dirname "$0")/.."
requirements=test/openapi/requirements.txt
venv="${XDG_CACHE_HOME:-$HOME/.cache}/nozama-schemathesis-$(cksum < $requirements | tr ' ' -)"

if [ ! -x "$venv/bin/st" ]; then
  python=
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  if [ -z "$python" ]; then
    echo "Schemathesis needs Python 3.11 or newer with venv (on Debian: apt-get install python3-venv). Found: $(python3 --version 2>&1 || true)" >&2
    exit 1
  fi
  echo "Installing schemathesis …" >&2
  rm -rf "$venv.new"
  "$python" -m venv "$venv.new"
  "$venv.new/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r "$requirements"
  rm -rf "$venv"
  mv "$venv.new" "$venv"
fi
# By its Python: a venv that was moved has scripts that name its old folder.
SCHEMATHESIS_PYTHON="$venv/bin/python" exec scripts/run.sh scripts/test-openapi.ts
