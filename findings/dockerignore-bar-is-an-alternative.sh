#!/usr/bin/env bash
# A `|` in a .dockerignore pattern stands for itself in filepath.Match, whose syntax the format borrows. One would expect
# `*.log|x` to leave out a file of that odd name and nothing else.
#
# moby's patternmatcher makes a regular expression of a pattern and escapes what would have a meaning there; its table of
# characters to escape has eight places of eight bits, and `{`, `|` and `}` need a sixteenth bit. So `|` is an
# alternative: `^[^/]*\.log|x$` leaves out whatever has `.log` in it, `app.logic.go` too, and whatever ends with x.
#
# github.com/moby/patternmatcher 0.6.1 (what BuildKit 0.34 and the Docker CLI use), seen on 2026-11-28.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/moby/patternmatcher"
)

func main() {
	for _, path := range []string{"*.log|x", "app.logic.go", "index", "main.go"} {
		left, err := patternmatcher.MatchesOrParentMatches(path, []string{"*.log|x"})
		fmt.Println(path, left, err)
	}
}
GO
go mod init example > init.log 2>&1
go get github.com/moby/patternmatcher@v0.6.1 > get.log 2>&1
go run . | tee seen.txt
diff seen.txt - <<'SEEN'
*.log|x true <nil>
app.logic.go true <nil>
index true <nil>
main.go false <nil>
SEEN
