#!/bin/sh
# Tests alerts and dashboard with a real Prometheus, node exporter and service, on the runtime that RUNTIME names. PROMETHEUS,
# PROMTOOL and NODE_EXPORTER name the programs, else it takes those on PATH, else Debian's. It unpacks Debian's packages into
# a cache: installed, they would start servers of their own. `scripts/test.sh` skips these tests without the programs.
set -eu
cd "$(dirname "$0")/.."
PROMETHEUS=${PROMETHEUS:-$(command -v prometheus || true)}
PROMTOOL=${PROMTOOL:-$(command -v promtool || true)}
NODE_EXPORTER=${NODE_EXPORTER:-$(command -v node_exporter || command -v prometheus-node-exporter || true)}
cache="${XDG_CACHE_HOME:-$HOME/.cache}/nozama-prometheus"

# Usage: unpack PACKAGE PROGRAM: Debian's package, when its program is not in the cache yet.
unpack() {
  [ ! -x "$cache/usr/bin/$2" ] || return 0
  command -v apt-get >/dev/null || { echo "Name Prometheus' programs in PROMETHEUS, PROMTOOL and NODE_EXPORTER." >&2; exit 1; }
  echo "Fetching $1 …" >&2
  sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
  $sudo apt-get update -qq >&2
  mkdir -p "$cache"
  (cd "$cache" && apt-get download -qq "$1" >&2 && dpkg-deb -x "$1"_*.deb . && rm "$1"_*.deb)
}

if [ -z "$PROMETHEUS" ] || [ -z "$PROMTOOL" ]; then
  unpack prometheus promtool
  PROMETHEUS="$cache/usr/bin/prometheus"
  PROMTOOL="$cache/usr/bin/promtool"
fi
if [ -z "$NODE_EXPORTER" ]; then
  unpack prometheus-node-exporter prometheus-node-exporter
  NODE_EXPORTER="$cache/usr/bin/prometheus-node-exporter"
fi
export PROMETHEUS PROMTOOL NODE_EXPORTER
exec scripts/test.sh test/monitoring/prometheus.test.ts
