#!/usr/bin/env bash
# Prometheus anchors regular expressions, so that job=~"a|b" does not match abc. One would expect `a)|(b` to be refused,
# as the matchers of queries refuse it. Relabelling joins the anchors to the text before it is read: `^(?s:a)|(b)$` is
# taken, by promtool too, and matches whatever begins with a; and \Qa, which a matcher takes, is refused there.
# github.com/prometheus/prometheus v0.316.0 (3.16), 2026-11-28
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'MOD'
module ask

go 1.26

require github.com/prometheus/prometheus v0.316.0
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
)

func main() {
	for _, pattern := range []string{"a|b", "a)|(b", `\Qa`} {
		if m, err := labels.NewMatcher(labels.MatchRegexp, "job", pattern); err != nil {
			fmt.Printf("matcher %s -> refused\n", pattern)
		} else {
			fmt.Printf("matcher %s -> matches abc: %v\n", pattern, m.Matches("abc"))
		}
		if r, err := relabel.NewRegexp(pattern); err != nil {
			fmt.Printf("relabel %s -> refused\n", pattern)
		} else {
			fmt.Printf("relabel %s -> matches abc: %v\n", pattern, r.MatchString("abc"))
		}
	}
}
GO
GOFLAGS=-mod=mod go run . 2> log | tee seen || { cat log >&2; exit 1; }
diff seen - <<'SEEN'
matcher a|b -> matches abc: false
relabel a|b -> matches abc: false
matcher a)|(b -> refused
relabel a)|(b -> matches abc: true
matcher \Qa -> matches abc: false
relabel \Qa -> refused
SEEN
