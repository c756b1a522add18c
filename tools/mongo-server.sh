#!/usr/bin/env bash
# Makes the MongoDB-wire server of the tests ready under .cache, from Maven Central: where
# Java and Maven are, the tests of MongoDB run; elsewhere they say that they were left out.
set -euo pipefail
cd "$(dirname "$0")/.."

target=.cache/mongo-server
if ! command -v mvn >/dev/null || ! command -v javac >/dev/null; then
  echo 'tests of MongoDB are left out: Java and Maven are not on the PATH' >&2
  exit 0
fi
ready="$target/Main.class"
[ "$ready" -nt test/mongo-server/Main.java ] && [ "$ready" -nt test/mongo-server/pom.xml ] && exit 0
mkdir -p "$target"
mvn -q -B -f test/mongo-server/pom.xml dependency:copy-dependencies \
  -DoutputDirectory="$PWD/$target/lib"
javac -cp "$target/lib/*" -d "$target" test/mongo-server/Main.java
