// Command promql reads expressions, one JSON string a line, and says what Prometheus' own parser makes of each.
package main

import (
	"bufio"
	"encoding/json"
	"os"

	"github.com/prometheus/prometheus/promql/parser"
)

type selector struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Name  string `json:"name"`
}

type verdict struct {
	OK        bool       `json:"ok"`
	Error     string     `json:"error,omitempty"`
	At        int        `json:"at,omitempty"`
	Type      string     `json:"type,omitempty"`
	Selectors []selector `json:"selectors,omitempty"`
}

func main() {
	options := parser.Options{
		EnableExperimentalFunctions: true,
		EnableBinopFillModifiers:    true,
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var text string
		if err := json.Unmarshal(lines.Bytes(), &text); err != nil {
			panic(err)
		}
		var said verdict
		expr, err := parser.NewParser(options).ParseExpr(text)
		if err != nil {
			said.Error = err.Error()
			if errs, ok := err.(parser.ParseErrors); ok && len(errs) > 0 {
				said.At = int(errs[0].PositionRange.Start)
			}
		} else {
			said.OK = true
			said.Type = string(expr.Type())
			parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
				if one, ok := node.(*parser.VectorSelector); ok {
					said.Selectors = append(said.Selectors, selector{int(one.PosRange.Start), int(one.PosRange.End), one.Name})
				}
				return nil
			})
		}
		if err := out.Encode(said); err != nil {
			panic(err)
		}
	}
}
