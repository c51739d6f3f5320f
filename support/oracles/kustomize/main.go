// What kustomize makes of folders: lines of JSON in, lines of JSON out.
//
// With the word "schema" it gives the types by which kustomize merges lists instead.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

type question struct {
	// A folder on the disk, or the files of one in memory and the folder among them.
	Folder string            `json:"folder"`
	Files  map[string]string `json:"files"`
}

type answer struct {
	Objects []any  `json:"objects"`
	Error   string `json:"error,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "schema" {
		printSchema()
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<28)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		var asked question
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := out.Encode(build(asked)); err != nil {
			panic(err)
		}
	}
}

func build(asked question) (given answer) {
	defer func() {
		if err := recover(); err != nil {
			given = answer{Error: fmt.Sprint("panic: ", err)}
		}
	}()
	fileSystem := filesys.MakeFsOnDisk()
	if asked.Files != nil {
		fileSystem = filesys.MakeFsInMemory()
		for path, text := range asked.Files {
			if err := fileSystem.WriteFile("/"+path, []byte(text)); err != nil {
				return answer{Error: err.Error()}
			}
		}
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	folder := asked.Folder
	if asked.Files != nil {
		folder = "/" + folder
	}
	resources, err := krusty.MakeKustomizer(options).Run(fileSystem, folder)
	if err != nil {
		return answer{Error: err.Error()}
	}
	objects := []any{}
	for _, resource := range resources.Resources() {
		object, err := resource.Map()
		if err != nil {
			return answer{Error: err.Error()}
		}
		objects = append(objects, object)
	}
	return answer{Objects: objects}
}
