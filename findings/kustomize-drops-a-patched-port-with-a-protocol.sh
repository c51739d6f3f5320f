#!/usr/bin/env bash
# A patch of a Service that names port 80 with `protocol: TCP`, the default, is expected to change port 80, or to add one.
# Where the Service itself leaves the protocol out, kustomize does neither: the patched port is dropped without a word,
# and the pods are still asked on the old port. Without `protocol` in the patch the two are merged.
# sigs.k8s.io/kustomize/kustomize/v5 v5.8.1, 2026-11-29
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > web.yaml <<'YAML'
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {ports: [{name: http, port: 80}]}
YAML
for protocol in "protocol: TCP, " ""; do
  cat > kustomization.yaml <<YAML
resources: [web.yaml]
patches:
- patch: |-
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {ports: [{port: 80, ${protocol}targetPort: 8080}]}
YAML
  go run sigs.k8s.io/kustomize/kustomize/v5@v5.8.1 build . 2> log | tee -a seen || { cat log >&2; exit 1; }
done
diff seen - <<'SEEN'
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - name: http
    port: 80
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  ports:
  - name: http
    port: 80
    targetPort: 8080
SEEN
