#!/usr/bin/env bash
# BuildKit refuses an instruction with a flag that it does not know: `ENV --foo A=1` ends the build, and so does `USER --foo a`.
# ARG, STOPSIGNAL and HEALTHCHECK NONE never look at their flags: `ARG --required VERSION` is taken, and means `ARG VERSION`.
# Whoever believes that a build without the argument ends there has an empty version.
# github.com/moby/buildkit v0.34.2, 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module ask

go 1.24

require github.com/moby/buildkit v0.34.2
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	for _, text := range []string{
		"ENV --foo A=1", "USER --foo a", "HEALTHCHECK --foo CMD a",
		"ARG --required VERSION", "STOPSIGNAL --foo 9", "HEALTHCHECK --foo NONE",
	} {
		read, err := parser.Parse(strings.NewReader("FROM debian\n" + text + "\n"))
		if err == nil {
			_, _, err = instructions.Parse(read.AST, nil)
		}
		if err != nil {
			parts := strings.Split(strings.TrimSpace(err.Error()), ": ")
			fmt.Printf("%s -> refused: %s\n", text, strings.Join(parts[len(parts)-2:], ": "))
		} else {
			fmt.Printf("%s -> taken\n", text)
		}
	}
}
GO
GOFLAGS=-mod=mod go run . 2> log | tee seen || { cat log >&2; exit 1; }
diff seen - <<'SEEN'
ENV --foo A=1 -> refused: unknown flag: --foo
USER --foo a -> refused: unknown flag: --foo
HEALTHCHECK --foo CMD a -> refused: unknown flag: --foo
ARG --required VERSION -> taken
STOPSIGNAL --foo 9 -> taken
HEALTHCHECK --foo NONE -> taken
SEEN
