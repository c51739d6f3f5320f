package main

import (
	"encoding/json"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// What of a build context is left out, as BuildKit asks when it sends one: with the answers for the folders above.
func readDockerignore(line []byte) (any, error) {
	var given struct {
		Content string
		Paths   []string
	}
	if err := json.Unmarshal(line, &given); err != nil {
		panic(err)
	}
	patterns, err := ignorefile.ReadAll(strings.NewReader(given.Content))
	if err != nil {
		return nil, err
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return nil, err
	}
	excluded := []bool{}
	for _, path := range given.Paths {
		parts := strings.Split(path, "/")
		info, matched := patternmatcher.MatchInfo{}, false
		for end := range parts {
			matched, info, err = matcher.MatchesUsingParentResults(strings.Join(parts[:end+1], "/"), info)
			if err != nil {
				return nil, err
			}
		}
		excluded = append(excluded, matched)
	}
	return excluded, nil
}
