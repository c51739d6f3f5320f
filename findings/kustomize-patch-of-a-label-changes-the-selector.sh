#!/usr/bin/env bash
# A patch that sets metadata.labels.app of a Deployment is expected to change that label and nothing else.
# Where the base has the label from commonLabels (or from labels with includeSelectors), kustomize has put one and the same
# node into all the places that it made: the patch changes spec.selector and the pods' labels with it. The selector of a
# Deployment cannot be changed, so the cluster refuses what is built; written out in the base, the same patch is harmless.
# sigs.k8s.io/kustomize/kustomize/v5 v5.8.1, 2026-11-29
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir base overlay
cat > base/web.yaml <<'YAML'
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec: {containers: [{name: web, image: web:1}]}
YAML
cat > base/kustomization.yaml <<'YAML'
resources: [web.yaml]
commonLabels: {app: web}
YAML
cat > overlay/kustomization.yaml <<'YAML'
resources: [../base]
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, labels: {app: shop}}
YAML
go run sigs.k8s.io/kustomize/kustomize/v5@v5.8.1 build overlay 2> log | tee seen || { cat log >&2; exit 1; }
diff seen - <<'SEEN'
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: shop
  name: web
spec:
  selector:
    matchLabels:
      app: shop
  template:
    metadata:
      labels:
        app: shop
    spec:
      containers:
      - image: web:1
        name: web
SEEN
