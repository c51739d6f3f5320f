#!/usr/bin/env bash
# `$patch: replace` in an item of a list is expected to put the item in the place of the one of its name, as it puts a
# mapping in the place of another: kubectl's own strategic merge does so, and kustomize does it for mappings.
# For an item kustomize keeps the old one whole, throws the new one away, and says nothing.
# sigs.k8s.io/kustomize/kustomize/v5 v5.8.1, 2026-11-29
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > web.yaml <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}
  template:
    spec: {containers: [{name: web, image: "web:1", args: [--old]}]}
YAML
cat > kustomization.yaml <<'YAML'
resources: [web.yaml]
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec:
      strategy: {$patch: replace, type: Recreate}
      template:
        spec: {containers: [{name: web, $patch: replace, image: "web:2"}]}
YAML
go run sigs.k8s.io/kustomize/kustomize/v5@v5.8.1 build . 2> log | tee seen || { cat log >&2; exit 1; }
diff seen - <<'SEEN'
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    type: Recreate
  template:
    spec:
      containers:
      - args:
        - --old
        image: web:1
        name: web
SEEN
