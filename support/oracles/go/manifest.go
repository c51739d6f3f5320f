package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

type documents struct {
	Values []json.RawMessage `json:"values"`
	Error  string            `json:"error,omitempty"`
}

// The documents of a manifest as kubectl's builder takes them (StreamVisitor of cli-runtime), up to the first that
// cannot be read.
func readManifest(line []byte) (any, error) {
	var given struct{ Text string }
	if err := json.Unmarshal(line, &given); err != nil {
		panic(err)
	}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(given.Text), 4096)
	found := documents{Values: []json.RawMessage{}}
	for {
		extension := runtime.RawExtension{}
		if err := decoder.Decode(&extension); err != nil {
			if err != io.EOF {
				found.Error = err.Error()
			}
			return found, nil
		}
		raw := bytes.TrimSpace(extension.Raw)
		if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
			continue
		}
		found.Values = append(found.Values, json.RawMessage(raw))
	}
}
