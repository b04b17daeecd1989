#!/bin/sh
# Checks the workflows and the shell scripts with actionlint (from the Go module proxy), shellcheck (from Debian) and zizmor
# (from PyPI). It installs those that are missing.
set -eu
cd "$(dirname "$0")/.."
actionlint_version=v1.7.12
zizmor_version=1.32.0
tools=${TMPDIR:-/tmp}/nozama-lint-$actionlint_version-$zizmor_version-$(id -u)
mkdir -p "$tools"

install_package() {
  command -v apt-get >/dev/null || { echo "$1 is needed: please install it." >&2; exit 1; }
  sudo=$([ "$(id -u)" -eq 0 ] || echo sudo)
  $sudo apt-get update -qq >&2 && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >&2
}

command -v shellcheck >/dev/null || install_package shellcheck
if [ ! -x "$tools/actionlint" ]; then
  command -v go >/dev/null || install_package golang-go
  GOBIN=$tools go install "github.com/rhysd/actionlint/cmd/actionlint@$actionlint_version"
fi
if [ ! -x "$tools/venv/bin/zizmor" ]; then
  python3 -c 'import venv, ensurepip' 2>/dev/null || install_package python3-venv
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check "zizmor==$zizmor_version"
fi

shellcheck scripts/*.sh .ci/run
echo "shellcheck finds nothing in the scripts."
"$tools/actionlint" .github/workflows/*.yml
echo "actionlint finds nothing in the workflows."
"$tools/venv/bin/zizmor" --offline --quiet .github/workflows
echo "zizmor finds nothing in the workflows."
