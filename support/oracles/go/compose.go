package main

import (
	"context"
	"encoding/json"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// A Compose file as `docker compose config` loads it: interpolated, cast, held against the schema.
func readCompose(line []byte) (any, error) {
	var given struct{ Text string }
	if err := json.Unmarshal(line, &given); err != nil {
		panic(err)
	}
	details := types.ConfigDetails{
		WorkingDir:  "/project",
		ConfigFiles: []types.ConfigFile{{Filename: "/project/compose.yaml", Content: []byte(given.Text)}},
		Environment: types.Mapping{},
	}
	return loader.LoadModelWithContext(context.Background(), details, func(options *loader.Options) {
		options.SetProjectName("project", true)
		options.SkipConsistencyCheck = true
		options.SkipResolveEnvironment = true
	})
}
