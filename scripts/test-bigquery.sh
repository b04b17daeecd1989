#!/bin/sh
# Tests loads into BigQuery with an emulator of others' making, bqemulator, on the runtime that RUNTIME names.
#
# BIGQUERY_PYTHON names a Python that has it. Else it needs Python 3.11 or newer, and installs it from PyPI, by hashes, into a
# cache of this user's. `scripts/test.sh` skips these tests without it. test/bigquery/requirements.txt comes of
#   printf '%s\n' bqemulator==1.4.0 duckdb==1.5.5 duckdb-extension-spatial==1.5.5 numpy==2.4.6 |
#   uv pip compile - --universal --generate-hashes --python-version 3.11 --no-header --no-annotate
set -eu
cd "$(dirname "$0")/.."
BIGQUERY_PYTHON="${BIGQUERY_PYTHON:-$(scripts/python-with.sh bigquery test/bigquery/requirements.txt)}"
export BIGQUERY_PYTHON
exec scripts/test.sh test/bigquery/emulator.test.ts
