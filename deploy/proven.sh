#!/usr/bin/env bash
# deploy/proven.sh WHAT: ends with 0 where nothing changed of what WHAT's slow check looks at since it last passed.
# deploy/proven.sh WHAT --record: it passed; writes that down in deploy/proven.txt, to be committed with the change.
# By content, not by history: in a shallow clone, after a merge or after many commits the answer is the same.
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
  containers)
    paths=(docker-compose.yml .dockerignore package-lock.json deploy/Dockerfile deploy/test-containers.sh
      tools/containers.js tools/containers tools/slim.js)
    ;;
  kubernetes) paths=(deploy/kubernetes deploy/test-kubernetes.sh) ;;
  *)
    echo 'Usage: deploy/proven.sh containers|kubernetes [--record]' >&2
    exit 2
    ;;
esac

now=$(git ls-files -z -- "${paths[@]}" | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
proven=deploy/proven.txt
if [ "${2:-}" = --record ]; then
  touch "$proven"
  { grep -v "^$1 " "$proven" || true; echo "$1 $now"; } | LC_ALL=C sort > "$proven.new"
  mv "$proven.new" "$proven"
else
  grep -qsx "$1 $now" "$proven"
fi
