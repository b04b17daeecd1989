#!/bin/sh
# Alerts and dashboard with a real Prometheus and a real service, on the runtime that RUNTIME names. PROMETHEUS and PROMTOOL
# name the programs; else they are those on PATH, else Debian's, unpacked into a cache of this user's: installed, the package
# would start a server of its own. `scripts/test.sh` skips this without them.
set -eu
cd "$(dirname "$0")/.."
PROMETHEUS=${PROMETHEUS:-$(command -v prometheus || true)}
PROMTOOL=${PROMTOOL:-$(command -v promtool || true)}

if [ -z "$PROMETHEUS" ] || [ -z "$PROMTOOL" ]; then
  cache="${XDG_CACHE_HOME:-$HOME/.cache}/nozama-prometheus"
  if [ ! -x "$cache/usr/bin/promtool" ]; then
    command -v apt-get >/dev/null || { echo "Name Prometheus' programs in PROMETHEUS and PROMTOOL." >&2; exit 1; }
    echo "Fetching Prometheus …" >&2
    sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
    $sudo apt-get update -qq >&2
    mkdir -p "$cache"
    (cd "$cache" && apt-get download -qq prometheus >&2 && dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb)
  fi
  PROMETHEUS="$cache/usr/bin/prometheus"
  PROMTOOL="$cache/usr/bin/promtool"
fi
export PROMETHEUS PROMTOOL
exec scripts/test.sh test/monitoring/prometheus.test.ts
