#!/bin/sh
# Takes PostgreSQL back to any second: an archive of its write-ahead log, base backups, and the recovery. See docs/BACKUP.md.
#
#   point-in-time.sh archive ARCHIVE %p %f      the archive_command, which the server itself calls
#   point-in-time.sh base ARCHIVE URL           a base backup, by a role that may replicate; run it each night
#   point-in-time.sh recover ARCHIVE DATA TIME  prepares the new data directory DATA; then start the server on it
#
# ARCHIVE is a folder on another disk or machine. TIME looks like '2026-11-25 10:55:00+00', or is latest for everything.
# Run base and recover as the server's user, with PostgreSQL's programs on PATH. Exit code 0, or 1 and a sentence.
set -eu
umask 077

die() {
  echo "$*" >&2
  exit 1
}

usage() {
  sed -n 's/^#   //p' "$0" >&2
  exit 2
}

# The server never gives an archived file again: it must be on disk, whole, under its name, before this ends with 0.
archive() {
  file=$2
  kept=$1/wal/$3.gz
  mkdir -p "$1/wal"
  if [ -e "$kept" ]; then
    # The server gives a file again when it does not know that the file was archived.
    gzip -dc "$kept" | cmp -s - "$file" && exit 0
    die "$kept exists already with other content: does a second server archive into $1?"
  fi
  gzip -c "$file" > "$kept.part" && sync "$kept.part" || { rm -f "$kept.part"; die "$kept can't be written."; }
  mv "$kept.part" "$kept"
  sync "$1/wal"
}

# Its name is the time at which it was whole: a recovery can't end before that.
base() {
  mkdir -p "$1/base"
  draft=$(mktemp -d "$1/base/.draft.XXXXXX")
  trap 'rm -rf "$draft"' EXIT
  pg_basebackup --dbname="$2" --pgdata="$draft/data" --wal-method=stream --checkpoint="${CHECKPOINT:-spread}" \
    || die "No base backup was made. May the role of that address replicate, by pg_hba.conf too?"
  pg_verifybackup --quiet "$draft/data" || die "The base backup does not agree with its manifest."
  sync "$draft/data"
  name=$(date -u +%Y%m%dT%H%M%SZ)
  [ ! -e "$1/base/$name" ] || die "$1/base/$name exists already."
  mv "$draft/data" "$1/base/$name"
  sync "$1/base"
  echo "Base backup $1/base/$name"
}

recover() {
  archive=$(cd "$1/wal" && cd .. && pwd) || die "$1 is no archive: it has no folder wal."
  data=$2
  [ ! -e "$data" ] || [ -z "$(ls -A "$data")" ] || die "$data is not empty: move the old data away first, it may be needed."
  if [ "$3" = latest ]; then
    until=99999999T999999Z
    # Set it empty, so that it overrides postgresql.conf.
    target="recovery_target_time = ''"
  else
    until=$(date -u -d "$3" +%Y%m%dT%H%M%SZ) || die "TIME must look like '2026-11-25 10:55:00+00', or be latest."
    target="recovery_target_time = '$3'"
  fi
  from=
  for candidate in "$archive"/base/*Z; do
    name=$(basename "$candidate")
    [ -d "$candidate" ] && [ "$(printf '%s\n%s\n' "$name" "$until" | sort | head -n 1)" = "$name" ] && from=$candidate
  done
  [ -n "$from" ] || die "$archive has no base backup that was whole at that time."
  mkdir -p "$data"
  chmod 700 "$data"
  cp -a "$from/." "$data"
  # A base backup of a server that was recovered once holds the target of that recovery: this one must not stop there.
  sed -i -E '/^[[:space:]]*(restore_command|recovery_target[a-z_]*|# By point-in-time)[^a-z_]/Id' "$data/postgresql.auto.conf"
  cat >> "$data/postgresql.auto.conf" <<CONF
# By point-in-time.sh, for this recovery.
recovery_target_timeline = 'latest'
restore_command = 'gzip -dc "$archive/wal/%f.gz" > "%p"'
$target
recovery_target_action = 'promote'
CONF
  touch "$data/recovery.signal"
  echo "$data is prepared from $from: start the server on it, and run nozama verify when it takes writes."
}

case "${1:-}/$#" in
  archive/4) shift && archive "$@" ;;
  base/3) shift && base "$@" ;;
  recover/4) shift && recover "$@" ;;
  *) usage ;;
esac
