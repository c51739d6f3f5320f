package main

import (
	"encoding/json"
	"sort"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

type command struct {
	at    uint
	words []string
}

// The simple commands of a script in Bash, each as its words: quotes removed, expansions as written, `$()` for a
// command substitution. Tests (`[[ … ]]`) and arithmetic are no commands.
func readShell(line []byte) (any, error) {
	var given struct{ Text string }
	if err := json.Unmarshal(line, &given); err != nil {
		panic(err)
	}
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(given.Text), "")
	if err != nil {
		return nil, err
	}
	found := []command{}
	syntax.Walk(file, func(node syntax.Node) bool {
		switch node := node.(type) {
		case *syntax.CallExpr:
			if len(node.Args) > 0 {
				found = append(found, command{node.Args[0].Pos().Offset(), texts(given.Text, node.Args)})
			}
		case *syntax.DeclClause:
			words := []string{node.Variant.Value}
			for _, assign := range node.Args {
				words = append(words, assigned(given.Text, assign))
			}
			found = append(found, command{node.Pos().Offset(), words})
		}
		return true
	})
	sort.SliceStable(found, func(i, j int) bool { return found[i].at < found[j].at })
	words := [][]string{}
	for _, one := range found {
		words = append(words, one.words)
	}
	return words, nil
}

func texts(source string, words []*syntax.Word) []string {
	all := []string{}
	for _, word := range words {
		all = append(all, parts(source, word.Parts, false))
	}
	return all
}

func assigned(source string, assign *syntax.Assign) string {
	if assign.Name == nil {
		return parts(source, assign.Value.Parts, false)
	}
	text := assign.Name.Value
	if assign.Append {
		text += "+"
	}
	if !assign.Naked {
		text += "="
	}
	if assign.Array != nil {
		text += "()"
	}
	if assign.Value != nil {
		text += parts(source, assign.Value.Parts, false)
	}
	return text
}

func parts(source string, all []syntax.WordPart, quoted bool) string {
	text := ""
	for _, part := range all {
		switch part := part.(type) {
		case *syntax.Lit:
			text += unescaped(part.Value, quoted)
		case *syntax.SglQuoted:
			text += part.Value
		case *syntax.DblQuoted:
			text += parts(source, part.Parts, true)
		case *syntax.CmdSubst:
			text += "$()"
		case *syntax.ProcSubst:
			text += part.Op.String() + ")"
		default:
			text += asWritten(source, part)
		}
	}
	return text
}

// An expansion as it stands in the source, but for the substitutions within.
func asWritten(source string, node syntax.Node) string {
	text, at := "", node.Pos().Offset()
	syntax.Walk(node, func(inner syntax.Node) bool {
		switch inner := inner.(type) {
		case *syntax.CmdSubst:
			if inner.Pos().Offset() >= at {
				text += source[at:inner.Pos().Offset()] + "$()"
				at = inner.End().Offset()
			}
			return false
		}
		return true
	})
	return text + source[at:node.End().Offset()]
}

func unescaped(text string, quoted bool) string {
	plain := strings.Builder{}
	for at := 0; at < len(text); at++ {
		if text[at] == '\\' && at+1 < len(text) && (!quoted || strings.IndexByte("$`\"\\\n", text[at+1]) >= 0) {
			at++
			if text[at] == '\n' {
				continue
			}
		}
		plain.WriteByte(text[at])
	}
	return plain.String()
}
