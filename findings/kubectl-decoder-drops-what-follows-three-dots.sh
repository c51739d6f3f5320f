#!/usr/bin/env bash
# `...` ends a YAML document, and another may follow it: in YAML 1.2 without more, in 1.1 behind a `---`. One would expect
# the decoder that kubectl reads manifests with to give both objects, or to refuse the file.
#
# It gives the first and ends without an error: documents are cut at lines that begin with `---`, and of each piece the
# first document is taken. What stands behind the `...` is applied by nobody, and nobody says so. So it is with
# `{kind: A}` and, in the next line, `{kind: B}`, which is no YAML at all.
#
# k8s.io/apimachinery v0.37.2 with sigs.k8s.io/yaml v1.6.0, seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module ask

go 1.24

require (
	k8s.io/apimachinery v0.37.2
	sigs.k8s.io/yaml v1.6.0
)
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	for _, text := range []string{"kind: A\n---\nkind: B\n", "kind: A\n...\nkind: B\n", "{kind: A}\n{kind: B}\n"} {
		decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
		for {
			var object map[string]any
			if err := decoder.Decode(&object); err != nil {
				fmt.Println(err)
				break
			}
			fmt.Print(object["kind"], " ")
		}
	}
}
GO
GOFLAGS=-mod=mod go run . 2> log | tee seen || { cat log >&2; exit 1; }
diff seen - <<'SEEN'
A B EOF
A EOF
A EOF
SEEN
