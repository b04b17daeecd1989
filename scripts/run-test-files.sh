#!/bin/sh
# Runs test files on the runtime that RUNTIME names, bun (the default) or node, TEST_WORKERS (2) of them at a time.
# Usage: scripts/run-test-files.sh [--bail] FILE …
#
# TEST_NAMES is a regular expression: of the files only the tests run whose names it fits.
# With JUNIT_FOLDER, the runner also writes a JUnit report there, and this script the list of the files that it gave the runner: a
# file that does not load is in no report of Bun's.
set -eu
cd "$(dirname "$0")/.."
runtime=${RUNTIME:-bun}
workers=${TEST_WORKERS:-2}
bail=
if [ "${1:-}" = --bail ]; then
  bail=--bail
  shift
fi
if [ $# -eq 0 ]; then
  echo "scripts/run-test-files.sh has no file to run: name test files." >&2
  exit 2
fi
report=
if [ -n "${JUNIT_FOLDER:-}" ]; then
  report=$JUNIT_FOLDER/$runtime-$$
  printf '%s\n' "$@" > "$report.files"
  # Not for tests that run tests.
  unset JUNIT_FOLDER
fi
case $runtime in
  bun)
    # Bun takes words without a ./ for filters of the names it finds by itself.
    for file in "$@"; do
      shift
      set -- "$@" "./${file#./}"
    done
    exec node_modules/.bin/bun --no-env-file test --preload ./test/skip-reasons.ts --parallel="$workers" --timeout 120000 $bail \
      ${TEST_NAMES:+--test-name-pattern="$TEST_NAMES"} ${report:+--reporter=junit --reporter-outfile="$report.xml"} "$@"
    ;;
  node)
    # As scripts/run.sh has it: without the cache, half of a service's start is the stripping of types.
    export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/node_modules/.cache/node}"
    exec "$(scripts/node-path.sh)" --test --test-concurrency="$workers" --test-timeout=120000 \
      --test-reporter=spec --test-reporter-destination=stdout \
      ${TEST_NAMES:+--test-name-pattern="$TEST_NAMES"} ${report:+--test-reporter=./scripts/ci/node-junit.ts --test-reporter-destination="$report.xml"} "$@"
    ;;
  *)
    echo "RUNTIME is \"$runtime\", but must be bun or node." >&2
    exit 2
    ;;
esac
