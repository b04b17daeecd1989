#!/bin/sh
# Prints the path of a Python that has the packages of a list, which pip installs from PyPI by their hashes into a cache of this
# user's when they are not there yet. Needs Python 3.11 or newer.
# Usage: scripts/python-with.sh NAME REQUIREMENTS [BUILD_REQUIREMENTS]
# The last is for packages that come as their source alone: a list of what builds them.
set -eu
name=$1
requirements=$2
build=${3:-}
venv="${XDG_CACHE_HOME:-$HOME/.cache}/nozama-$name-$(cat "$requirements" ${build:+"$build"} | cksum | tr ' ' -)"

install() {
  "$venv.new/bin/pip" install --quiet --disable-pip-version-check --require-hashes "$@" >&2
}

if [ ! -x "$venv/bin/python" ]; then
  python=
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
  if [ -z "$python" ]; then
    echo "These tests need Python 3.11 or newer with venv (on Debian: apt-get install python3-venv). Found: $(python3 --version 2>&1 || true)" >&2
    exit 1
  fi
  echo "Installing $name from PyPI …" >&2
  rm -rf "$venv.new"
  "$python" -m venv "$venv.new"
  if [ -n "$build" ]; then
    install --only-binary :all: -r "$build"
    install --no-build-isolation -r "$requirements"
  else
    install --only-binary :all: -r "$requirements"
  fi
  rm -rf "$venv"
  # Programs in the venv name its old folder: call them by this Python.
  mv "$venv.new" "$venv"
fi
echo "$venv/bin/python"
