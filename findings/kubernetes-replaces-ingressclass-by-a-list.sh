#!/usr/bin/env bash
# Every type of k8s.io/api that is going away says what takes its place; of networking.k8s.io/v1beta1 IngressClass that should be
# networking.k8s.io/v1 IngressClass, as v1 Ingress is for Ingress.
# It says networking.k8s.io/v1 IngressClassList. Whoever builds advice from APILifecycleReplacement sends a user from one object
# to a list of them; the kind has to be kept where the group has it.
# k8s.io/api v0.37.2, 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module ask

go 1.24

require k8s.io/api v0.37.2
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	"k8s.io/api/networking/v1beta1"
)

func main() {
	fmt.Println("Ingress ->", (&v1beta1.Ingress{}).APILifecycleReplacement())
	fmt.Println("IngressClass ->", (&v1beta1.IngressClass{}).APILifecycleReplacement())
}
GO
GOFLAGS=-mod=mod go run . 2> log | tee seen || { cat log >&2; exit 1; }
diff seen - <<'SEEN'
Ingress -> networking.k8s.io/v1, Kind=Ingress
IngressClass -> networking.k8s.io/v1, Kind=IngressClassList
SEEN
