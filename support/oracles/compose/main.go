// Reads lists of documents of one Compose file from lines of JSON, and writes what compose-go makes of their services.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"
)

func main() {
	logrus.SetLevel(logrus.PanicLevel)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var files []string
		if err := json.Unmarshal(lines.Bytes(), &files); err != nil {
			panic(err)
		}
		details := types.ConfigDetails{WorkingDir: "/w", Environment: types.Mapping{}}
		names := []string{"compose.yaml", "compose.override.yaml"}
		for i, text := range files {
			details.ConfigFiles = append(details.ConfigFiles, types.ConfigFile{Filename: "/w/" + names[i], Content: []byte(text)})
		}
		project, err := loader.LoadWithContext(context.Background(), details, func(o *loader.Options) {
			o.SetProjectName("x", true)
			o.SkipConsistencyCheck = true
			o.ResolvePaths = false
		})
		if err != nil {
			out.Encode(map[string]any{"error": strings.Split(err.Error(), "\n")[0]})
			continue
		}
		services := map[string]any{}
		for name, s := range project.Services {
			mounts := []string{}
			for _, v := range s.Volumes {
				mounts = append(mounts, v.Source)
			}
			env := map[string]string{}
			for k, v := range s.Environment {
				if v != nil {
					env[k] = *v
				}
			}
			health := ""
			if s.HealthCheck != nil {
				if s.HealthCheck.Disable {
					health = "off"
				} else {
					health = "on"
				}
			}
			services[name] = map[string]any{"user": s.User, "privileged": s.Privileged, "read_only": s.ReadOnly, "image": s.Image,
				"network_mode": s.NetworkMode, "cap_add": append([]string{}, s.CapAdd...), "volumes": mounts, "environment": env, "health": health}
		}
		out.Encode(map[string]any{"services": services})
	}
}
