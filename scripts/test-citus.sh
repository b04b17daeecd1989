#!/bin/sh
# Tests orders that are spread over a Citus cluster: the engine contract, the tests of Citus alone, and the tests of
# PostgreSQL that matter on distributed tables. CITUS_BIN names the folder with the programs of a PostgreSQL that has
# Citus. Without it this script fails, and `scripts/test.sh` skips these tests.
set -eu
cd "$(dirname "$0")/.."
if [ ! -x "${CITUS_BIN:-}/initdb" ]; then
  echo "CITUS_BIN must name the folder with the programs of a PostgreSQL that has Citus." >&2
  exit 1
fi
scripts/test.sh test/citus
TEST_ON_CITUS=true exec scripts/test.sh test/postgres/overlapping-batches.test.ts test/postgres/ranking.test.ts
