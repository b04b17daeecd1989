#!/bin/sh
# Holds the OpenAPI document against the running service, on the runtime that RUNTIME names: schemathesis makes requests of the
# document and checks each answer against it. SEED (1) and EXAMPLES (20 for each operation) make a run longer, or another.
#
# It needs Python 3.11 or newer, and installs schemathesis and all that it needs from PyPI, by their hashes, into a cache of
# this user's. test/openapi/requirements.txt comes of
#   echo schemathesis==4.32.5 | uv pip compile - --universal --generate-hashes --python-version 3.11 --no-header --no-annotate
set -eu
cd "$(dirname "$0")/.."
SCHEMATHESIS_PYTHON=$(scripts/python-with.sh schemathesis test/openapi/requirements.txt)
export SCHEMATHESIS_PYTHON
exec scripts/run.sh scripts/test-openapi.ts
