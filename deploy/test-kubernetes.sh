#!/usr/bin/env bash
# Checks every resource of deploy/kubernetes, base and overlays, against the schemas of Kubernetes itself. The
# checker comes from Go's proxy and the schemas from PyPI; says so and ends with 3 where one cannot be had.
set -euo pipefail
cd "$(dirname "$0")/.."

CHECKER=github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0
SCHEMAS=kubernetes-validate==1.37.0
VERSION=1.34.0
CACHE=$PWD/.cache/kubernetes

left_out() { echo "test-kubernetes: NOT RUN: $1" >&2; exit 3; }
mkdir -p "$CACHE"
if [ ! -x "$CACHE/kubeconform" ]; then
  command -v go >/dev/null || left_out 'there is no go, which builds the checker'
  GOBIN=$CACHE go install "$CHECKER" || left_out 'the checker could not be built'
fi
if [ ! -d "$CACHE/schemas" ]; then
  command -v pip >/dev/null || left_out 'there is no pip, which brings the schemas'
  pip download --no-deps -q -d "$CACHE" "$SCHEMAS" || left_out 'the schemas could not be had'
  python3 -m zipfile -e "$CACHE"/kubernetes_validate-*.whl "$CACHE/unpacked"
  schemas=$CACHE/unpacked/kubernetes_validate/kubernetes-json-schema/v$VERSION-local-strict
  # They refer to a file of definitions by an address on the web: each gets them with it.
  mkdir -p "$CACHE/schemas"
  python3 - "$schemas" "$CACHE/schemas" <<'PYTHON'
import json, pathlib, re, sys
source, target = map(pathlib.Path, sys.argv[1:])
manifests = ''.join(file.read_text() for file in pathlib.Path('deploy/kubernetes').rglob('*.yaml'))
kinds = {kind.lower() for kind in re.findall(r'^kind: (\w+)', manifests, re.MULTILINE)}
definitions = json.loads((source / '_definitions.json').read_text())['$defs']
for file in source.glob('*-v*.json'):
    if file.name.split('-')[0] not in kinds:
        continue
    schema = json.loads(file.read_text().replace('/api/_definitions.json#', '#'))
    schema.pop('$id', None)
    (target / file.name).write_text(json.dumps({**schema, '$defs': definitions}))
PYTHON
  rm -rf "$CACHE/unpacked" "$CACHE"/*.whl
fi

check() {
  "$CACHE/kubeconform" -strict -summary -kubernetes-version "$VERSION" \
    -schema-location "$CACHE/schemas/{{.ResourceKind}}{{.KindSuffix}}.json" \
    "$@"
}

echo 'base:'
mapfile -t files < <(find deploy/kubernetes/base -name '*.yaml' ! -name kustomization.yaml)
check "${files[@]}"
if command -v kubectl >/dev/null; then
  for overlay in deploy/kubernetes/overlays/*/; do
    echo "$(basename "$overlay"):"
    # The mesh's own kinds have schemas of the mesh's.
    kubectl kustomize "$overlay" | check -skip PeerAuthentication,AuthorizationPolicy,Server,ServerAuthorization
  done
else
  echo 'the overlays are NOT CHECKED: there is no kubectl' >&2
fi
bash deploy/proven.sh kubernetes --record
