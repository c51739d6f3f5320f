#!/usr/bin/env bash
# Flux's substitution after a build (`postBuild`), the forms that a shell has too: `${NAME:+value}`, `${NAME-default}`, `$$`.
#
# One would expect: what a shell makes of them, as with the forms that Flux's page shows, or that a form it does not know is left
# alone. What happens: `${NAME:+value}` is turned around, NAME where it is set and `value` where it
# is not, as `:=` would be; `$$` is a dollar anywhere, before a letter too, so that a script's `$$` (its process) becomes `$`; and
# `${NAME-default}`, in any script of a ConfigMap, is a closing brace that misses: the whole Kustomization fails.
#
# github.com/fluxcd/pkg/envsubst 1.5.0, 2026-11-30
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/fluxcd/pkg/envsubst"
)

func main() {
	values := map[string]string{"SET": "own"}
	for _, text := range []string{"${SET:+value}", "${UNSET:+value}", "${UNSET:=value}", "echo $$", "$$SET", "$SET", "${UNSET-value}"} {
		result, err := envsubst.Eval(text, func(name string) (string, bool) {
			value, known := values[name]
			return value, known
		})
		if err != nil {
			result = fmt.Sprint("error: ", err)
		}
		fmt.Printf("%s: %s\n", text, result)
	}
}
GO
cat > go.mod <<'GO'
module example.test/substitution

go 1.24

require github.com/fluxcd/pkg/envsubst v1.5.0
GO
go mod tidy > tidy.log 2>&1 || { cat tidy.log; exit 1; }
go run . | tee seen
cat > expected <<'TEXT'
${SET:+value}: own
${UNSET:+value}: value
${UNSET:=value}: value
echo $$: echo $
$$SET: $SET
$SET: $SET
${UNSET-value}: error: missing closing brace
TEXT
diff expected seen
