#!/usr/bin/env bash
# In a RUN `$((1 << 4))` is arithmetic, which every shell takes. From BuildKit 0.22 on white space may stand between << and the
# name of a heredoc, and its parser knows no arithmetic: `<< 4))` announces a heredoc called `4))`, whose end is looked for down
# to the end of the file. `$((1<<4))` and a quoted "$((1 << 4))" are read as before.
# In COPY the same `<< EOF` takes the lines below away, and then copies two files that are called `<<` and `EOF`.
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

func ask(text string) {
	read, err := parser.Parse(strings.NewReader("FROM debian\n" + text))
	if err != nil {
		fmt.Printf("%q: %s\n", text, strings.TrimSpace(strings.Split(err.Error(), "\n")[0]))
		return
	}
	stages, _, err := instructions.Parse(read.AST, nil)
	if err != nil {
		fmt.Printf("%q: %v\n", text, err)
		return
	}
	for _, command := range stages[0].Commands {
		switch c := command.(type) {
		case *instructions.CopyCommand:
			fmt.Printf("%q: copies %q\n", text, c.SourcePaths)
		default:
			fmt.Printf("%q: taken\n", text)
		}
	}
}

func main() {
	ask("RUN echo $((1 << 4)) > /flags\nUSER 1000\n")
	ask("RUN echo $((1<<4)) > /flags\n")
	ask("RUN echo \"$((1 << 4))\" > /flags\n")
	ask("COPY << EOF /motd\nhello\nEOF\n")
}
GO
GOFLAGS=-mod=mod go run . 2> log | tee seen || { cat log >&2; exit 1; }
diff seen - <<'SEEN'
"RUN echo $((1 << 4)) > /flags\nUSER 1000\n": unterminated heredoc
"RUN echo $((1<<4)) > /flags\n": taken
"RUN echo \"$((1 << 4))\" > /flags\n": taken
"COPY << EOF /motd\nhello\nEOF\n": copies ["<<" "EOF"]
SEEN
