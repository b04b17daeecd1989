#!/bin/sh
# Installs missing programs that tests need and npm does not have: PgBouncer, a PostgreSQL with pg_basebackup and initdb,
# and on Linux strace, which makes system calls fail. In CI (CI=true) tests fail without the first two instead of being
# skipped; strace may be forbidden there. It uses apt-get on Debian and Ubuntu, Homebrew on macOS. It starts no server:
# the tests start their own.
set -eu
postgres_formula=postgresql@18

has_pgbouncer() {
  [ -x /usr/sbin/pgbouncer ] || [ -x /usr/local/sbin/pgbouncer ] || command -v pgbouncer >/dev/null
}

# Usage: has_postgres FOLDER …: whether one of the folders has both programs, as test/postgres/point-in-time.test.ts asks.
has_postgres() {
  for folder in "$@"; do
    if [ -x "$folder/pg_basebackup" ] && [ -x "$folder/initdb" ]; then return 0; fi
  done
  return 1
}

if [ "$(uname -s)" = Darwin ]; then
  if has_pgbouncer && has_postgres "${POSTGRES_BIN:-}"; then exit 0; fi
  command -v brew >/dev/null || { echo "Homebrew is needed to install pgbouncer and $postgres_formula: see https://brew.sh." >&2; exit 1; }
  HOMEBREW_NO_AUTO_UPDATE=1 brew install --quiet pgbouncer "$postgres_formula" >&2
  bin=$(brew --prefix "$postgres_formula")/bin
  # This file hands variables on to the next steps of a GitHub job.
  if [ -n "${GITHUB_ENV:-}" ]; then echo "POSTGRES_BIN=$bin" >> "$GITHUB_ENV"; fi
  echo "Set POSTGRES_BIN=$bin for the tests."
  exit 0
fi

missing=
has_pgbouncer || missing="$missing pgbouncer"
has_postgres "${POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin || missing="$missing postgresql"
command -v strace >/dev/null || missing="$missing strace"
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "Please install$missing: this script knows only apt-get and Homebrew." >&2; exit 1; }
sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
case $missing in
  *postgresql*)
    # Otherwise Debian's package makes a cluster of its own and starts it.
    $sudo mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null
    ;;
esac
$sudo apt-get update -qq >&2
# shellcheck disable=SC2086 # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
