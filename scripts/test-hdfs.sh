#!/bin/sh
# Tests objects and backups in a small cluster of Hadoop (HDFS), on the runtime that RUNTIME names. HDFS_JARS names the folder
# with its JARs; else this installs them into a cache from Maven Central (it needs Maven). The cluster needs Java 17.
# `scripts/test.sh` skips these tests without the JARs. Arguments: files or folders of tests; all of these without any.
set -eu
cd "$(dirname "$0")/.."
hadoop_version=3.5.0

# Usage: need PROGRAM REMEDY
need() {
  command -v "$1" >/dev/null || { echo "The HDFS tests need $1: $2." >&2; exit 1; }
}

if [ -z "${HDFS_JARS:-}" ]; then
  HDFS_JARS="${XDG_CACHE_HOME:-$HOME/.cache}/nozama-object-stores/hadoop-$hadoop_version"
  if [ ! -e "$HDFS_JARS/hadoop-client-minicluster-$hadoop_version.jar" ]; then
    need mvn 'install Maven, or name the folder of the JARs in HDFS_JARS'
    echo "Installing HDFS …" >&2
    # Under another name until it is whole.
    rm -rf "$HDFS_JARS.part"
    mvn -q -B -f test/object-stores/hdfs/pom.xml \
      org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
      -DoutputDirectory="$HDFS_JARS.part" >&2
    rm -rf "$HDFS_JARS"
    mv "$HDFS_JARS.part" "$HDFS_JARS"
  fi
fi
need java 'install Java 17 or later'
export HDFS_JARS
[ $# -gt 0 ] || set -- test/object-stores/hdfs
exec scripts/test.sh "$@"
