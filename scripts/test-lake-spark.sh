#!/bin/sh
# Tests the tables of the lake with Spark and Delta, in a folder and in HDFS, on the runtime that RUNTIME names.
#
# LAKE_SPARK_PYTHON names a Python that has Spark, and LAKE_SPARK_JARS the folder of Delta's JARs. Else it installs them from
# PyPI and Maven Central, by their hashes, into caches of this user's (500 MB), for which it needs Python 3.11 or newer and Maven.
# It needs Java 17; HDFS comes by scripts/test-hdfs.sh. `scripts/test.sh` skips these tests without them.
# test/lake/spark/requirements.txt and build-requirements.txt come of pyspark==4.2.0, and of setuptools and wheel, by
#   uv pip compile - --universal --generate-hashes --python-version 3.11 --no-header --no-annotate
set -eu
cd "$(dirname "$0")/.."
parts=test/lake/spark
hashes=$PWD/$parts/jars.sha256

# Usage: need PROGRAM REMEDY
need() {
  command -v "$1" >/dev/null || { echo "The tests with Spark need $1: $2." >&2; exit 1; }
}

# Usage: check_jars FOLDER: fails unless its files are those of the list.
check_jars() {
  if command -v sha256sum >/dev/null; then
    (cd "$1" && sha256sum --check --quiet "$hashes")
  else
    (cd "$1" && shasum -a 256 --check --quiet "$hashes")
  fi
}

need java 'install Java 17 or later'
if [ -z "${LAKE_SPARK_JARS:-}" ]; then
  LAKE_SPARK_JARS="${XDG_CACHE_HOME:-$HOME/.cache}/nozama-delta-$(cksum < "$hashes" | tr ' ' -)"
  if [ ! -d "$LAKE_SPARK_JARS" ]; then
    need mvn 'install Maven, or name the folder of the JARs in LAKE_SPARK_JARS'
    echo "Installing Delta …" >&2
    rm -rf "$LAKE_SPARK_JARS.part"
    mvn -q -B -f $parts/pom.xml org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
      -DoutputDirectory="$LAKE_SPARK_JARS.part" >&2
    check_jars "$LAKE_SPARK_JARS.part"
    mv "$LAKE_SPARK_JARS.part" "$LAKE_SPARK_JARS"
  fi
fi
LAKE_SPARK_PYTHON="${LAKE_SPARK_PYTHON:-$(scripts/python-with.sh spark $parts/requirements.txt $parts/build-requirements.txt)}"
export LAKE_SPARK_JARS LAKE_SPARK_PYTHON
exec scripts/test-hdfs.sh $parts
