// The real readers, one a word: lines of JSON in, lines of JSON out.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

var readers = map[string]func(line []byte) (any, error){
	"compose":      readCompose,
	"dockerignore": readDockerignore,
	"manifest":     readManifest,
	"shell":        readShell,
}

type answer struct {
	Value any    `json:"value"`
	Error string `json:"error,omitempty"`
}

func main() {
	read, known := readers[os.Args[1]]
	if !known {
		fmt.Fprintln(os.Stderr, "no such reader:", os.Args[1])
		os.Exit(2)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		value, err := read(lines.Bytes())
		given := answer{Value: value}
		if err != nil {
			given = answer{Error: err.Error()}
		}
		if err := out.Encode(given); err != nil {
			panic(err)
		}
	}
}
