#!/bin/sh
# Journeys through a real Chromium, on the runtime that RUNTIME names: bun (the default) or node. The browser
# is the one CHROMIUM names or PATH has, else Debian's, installed when that is possible.
set -eu
cd "$(dirname "$0")/.."
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$chromium" ] && command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; then
  echo "Installing Chromium …" >&2
  apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >&2
  chromium=$(command -v chromium)
fi
if [ -z "$chromium" ]; then
  echo "The browser tests need Chromium: install it, or name it in CHROMIUM." >&2
  exit 1
fi
export CHROMIUM="$chromium"
# One at a time: each has a browser and a service.
TEST_WORKERS=1 exec scripts/run-test-files.sh test/browser/*.browser.ts
