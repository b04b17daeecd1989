#!/bin/sh
# Installs what the tests need and npm does not have, where it is missing: PgBouncer, a PostgreSQL with pg_basebackup and
# initdb, and on Linux strace, with which system calls are made to fail. In CI (CI=true) the tests of the first two fail without
# them instead of being skipped; strace may be forbidden where it runs. By apt-get on Debian and Ubuntu, by Homebrew
# on macOS. No server is left to be used: the tests start their own.
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
  # Steps of a GitHub job hand variables on by this file.
  if [ -n "${GITHUB_ENV:-}" ]; then echo "POSTGRES_BIN=$bin" >> "$GITHUB_ENV"; fi
  echo "POSTGRES_BIN=$bin is what the tests have to be told."
  exit 0
fi

missing=
has_pgbouncer || missing="$missing pgbouncer"
has_postgres "${POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin || missing="$missing postgresql"
command -v strace >/dev/null || missing="$missing strace"
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "Please install$missing: this script knows apt-get and Homebrew alone." >&2; exit 1; }
sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
case $missing in
  *postgresql*)
    # Debian's package would make a cluster of its own and start it.
    $sudo mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | $sudo tee /etc/postgresql-common/createcluster.conf >/dev/null
    ;;
esac
$sudo apt-get update -qq >&2
# shellcheck disable=SC2086 # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
