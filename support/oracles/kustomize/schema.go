package main

import (
	"encoding/json"
	"os"
	"strings"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/openapi/kubernetesapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// field says how the value of one key is merged.
type field struct {
	Of       string   `json:"of,omitempty"`
	List     bool     `json:"list,omitempty"`
	Keys     []string `json:"keys,omitempty"`
	Strategy string   `json:"strategy,omitempty"`
}

func printSchema() {
	definitions := openapi.Schema().Definitions
	types := map[string]map[string]field{}
	for name, definition := range definitions {
		fields := map[string]field{}
		for key, property := range definition.Properties {
			one := field{Of: reference(&property)}
			if property.Type.Contains("array") && property.Items != nil && property.Items.Schema != nil {
				one.List = true
				one.Of = reference(property.Items.Schema)
			} else if property.AdditionalProperties != nil && property.AdditionalProperties.Schema != nil {
				one.Of = ""
			}
			one.Strategy, _ = property.Extensions.GetString("x-kubernetes-patch-strategy")
			if keys, ok := property.Extensions.GetStringSlice("x-kubernetes-list-map-keys"); ok {
				one.Keys = keys
			} else if key, ok := property.Extensions.GetString("x-kubernetes-patch-merge-key"); ok {
				one.Keys = []string{key}
			}
			if one.Of != "" || one.List || one.Strategy != "" {
				fields[key] = one
			}
		}
		types[name] = fields
	}
	kinds := map[string]string{}
	for name, definition := range definitions {
		groups, ok := definition.Extensions["x-kubernetes-group-version-kind"]
		if !ok {
			continue
		}
		text, _ := json.Marshal(groups)
		var list []map[string]string
		if json.Unmarshal(text, &list) != nil {
			continue
		}
		for _, one := range list {
			version := strings.TrimPrefix(one["group"]+"/"+one["version"], "/")
			kinds[version+" "+one["kind"]] = name
		}
	}
	cluster := []string{}
	for kind := range kinds {
		version, name, _ := strings.Cut(kind, " ")
		namespaced, found := openapi.IsNamespaceScoped(yaml.TypeMeta{APIVersion: version, Kind: name})
		if found && !namespaced {
			cluster = append(cluster, kind)
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"version": kubernetesapi.DefaultOpenAPI, "types": types, "kinds": kinds, "cluster": cluster,
	})
}

func reference(schema *spec.Schema) string {
	text := schema.Ref.String()
	return strings.TrimPrefix(text, "#/definitions/")
}
