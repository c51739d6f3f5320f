#!/usr/bin/env bash
# Argo CD's engine, an object whose hook is misspelt: `argocd.argoproj.io/hook: Presync` on a Job.
#
# One would expect: the annotation is unknown, so the Job is applied in the sync with all others, or the sync fails and says so.
# What happens: the object counts as a hook because the annotation is there, and as it names none that is known, it belongs to
# no phase. It is never applied, and the sync succeeds without it. (In a wave that is no number, `"1.5"` or `"one"`, it is
# applied in wave 0.) Its own tests say the same of a pod with the hook "Garbage".
#
# github.com/argoproj/gitops-engine 0.7.3 (the engine of Argo CD 3.6 has the same lines), 2026-11-29
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/argoproj/gitops-engine/pkg/sync/hook"
	"github.com/argoproj/gitops-engine/pkg/sync/syncwaves"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func main() {
	for _, value := range []string{"PreSync", "Presync", "PreSync,Presync"} {
		job := &unstructured.Unstructured{Object: map[string]any{"kind": "Job"}}
		job.SetAnnotations(map[string]string{"argocd.argoproj.io/hook": value})
		fmt.Printf("hook %s: a hook %v, of the phases %v\n", value, hook.IsHook(job), hook.Types(job))
	}
	for _, value := range []string{"-1", "+1", "1.5", "one"} {
		job := &unstructured.Unstructured{Object: map[string]any{"kind": "Job"}}
		job.SetAnnotations(map[string]string{"argocd.argoproj.io/sync-wave": value})
		fmt.Printf("wave %s: %d\n", value, syncwaves.Wave(job))
	}
}
GO
cat > go.mod <<'GO'
module example.test/hooks

go 1.24

require github.com/argoproj/gitops-engine v0.7.3
GO
# Its own versions of k8s.io stand in replacements, which hold in a main module alone.
engine=$(go mod download -json github.com/argoproj/gitops-engine@v0.7.3 | sed -n 's/.*"Dir": "\(.*\)",/\1/p')
sed -n '/^replace (/,/^)/p' "$engine/go.mod" >> go.mod
go mod tidy > tidy.log 2>&1 || { cat tidy.log; exit 1; }
go run . | tee seen
cat > expected <<'TEXT'
hook PreSync: a hook true, of the phases [PreSync]
hook Presync: a hook true, of the phases []
hook PreSync,Presync: a hook true, of the phases [PreSync]
wave -1: -1
wave +1: 1
wave 1.5: 0
wave one: 0
TEXT
diff expected seen
