#!/bin/sh
# Tests the tables of the lake with readers of others' making, delta-rs, DuckDB and Polars, on the runtime that RUNTIME names.
# It also runs the examples and analyses of docs/LAKE.md for them.
# SEED and RUNS (40 random tables) make a run another, or longer.
#
# LAKE_PYTHON names a Python that has the readers. Else it needs Python 3.11 or newer, and installs them from PyPI, by their
# hashes, into a cache of this user's. `scripts/test.sh` skips these tests without them. test/lake/requirements.txt comes of
#   printf '%s\n' deltalake==1.6.6 duckdb==1.5.5 duckdb-extension-delta==1.5.5 polars==2.1.0 pyarrow==26.0.1 pytz==2026.6 |
#   uv pip compile - --universal --generate-hashes --python-version 3.11 --no-header --no-annotate
set -eu
cd "$(dirname "$0")/.."
LAKE_PYTHON="${LAKE_PYTHON:-$(scripts/python-with.sh lake test/lake/requirements.txt)}"
export LAKE_PYTHON
exec scripts/test.sh test/lake/readers.test.ts test/lake/analyses.test.ts
